/** From a function of a program to its graph: recorded, checked to be the same each time, and simplified. */
import { addPrefix, takePrefix, type Parameters, type ProgramFunction, type Specs } from '@vitrine/ml-tensor';
import { CaptureError } from './capture-error.js';
import { deduplicate, nodeKeys } from './deduplicate.js';
import type { RecordedFunction } from './lower.js';
import { useBfloat16 } from './mixed-precision.js';
import type { NodeBackend } from './node-backend.js';
import { record } from './recorder.js';
import type { Results } from './rewrite.js';

export interface GraphOptions {
  /** Of matrix products. */
  readonly precision: 'float32' | 'bfloat16';
}

/** @throws CaptureError */
export function recordFunction(
  backend: NodeBackend,
  { state, definition }: { readonly state: Specs; readonly definition: ProgramFunction },
  { precision }: GraphOptions,
): RecordedFunction {
  const recordOnce = (): Results => {
    const specs = { ...addPrefix('state', state), ...addPrefix('input', definition.inputs) };
    const { inputs, results } = record(backend, specs, (tensors) => compute(definition, tensors));
    return deduplicate({ ...addPrefix('in', inputs), ...addPrefix('out', results) });
  };
  const recorded = recordOnce();
  refuseChange(recorded, recordOnce());
  const ends = precision === 'bfloat16' ? deduplicate(useBfloat16(recorded)) : recorded;
  const [into, out] = [takePrefix('in', ends), takePrefix('out', ends)];
  return {
    inputs: takePrefix('input', into),
    state: takePrefix('state', into),
    newState: takePrefix('state', out),
    outputs: takePrefix('output', out),
  };
}

function compute(definition: ProgramFunction, tensors: Parameters): Parameters {
  const { state = {}, outputs } = definition.compute({
    state: takePrefix('state', tensors),
    inputs: takePrefix('input', tensors),
  });
  return { ...addPrefix('state', state), ...addPrefix('output', outputs) };
}

/** A value that differs from one recording to the next would be frozen as it happened to be in the first. */
function refuseChange(first: Results, second: Results): void {
  const [before, after] = [nodeKeys(first), nodeKeys(second)];
  const at = before.findIndex(({ key }, index) => key !== after[index]?.key);
  if (at < 0 && before.length === after.length) return;
  const { op = 'the end' } = before[Math.max(at, 0)] ?? {};
  throw new CaptureError('recorded twice, it comes out differently', `operation ${op}`);
}
