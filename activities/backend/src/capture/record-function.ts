/** From a function of a program to its graph: recorded, checked to be the same each time, and simplified. */
import {
  addPrefix,
  checkNewState,
  takePrefix,
  type Parameters,
  type Program,
  type ProgramFunction,
} from '@vitrine/ml-tensor';
import { CaptureError } from './capture-error.js';
import { DTYPE } from './graph.js';
import { deduplicate, nodeKeys } from './deduplicate.js';
import type { RecordedFunction } from './lower.js';
import { useNarrowProducts } from './mixed-precision.js';
import type { NodeBackend } from './node-backend.js';
import { record } from './recorder.js';
import type { Results } from './rewrite.js';

export interface GraphOptions {
  /** Of matrix products. */
  readonly precision: 'float32' | 'bfloat16' | 'float16';
}

interface FunctionOf {
  readonly program: Pick<Program, 'name' | 'state' | 'scalesLoss'>;
  readonly name: string;
  readonly definition: ProgramFunction;
}

/** @throws CaptureError; RangeError or ShapeError when its new state does not fit the program's */
export function recordFunction(
  backend: NodeBackend,
  recordedOf: FunctionOf,
  { precision }: GraphOptions,
): RecordedFunction {
  const recordOnce = (): Results => {
    const { program, definition } = recordedOf;
    const specs = { ...addPrefix('state', program.state), ...addPrefix('input', definition.inputs) };
    const { inputs, results } = record(backend, specs, (tensors) => compute(recordedOf, tensors));
    return deduplicate({ ...addPrefix('in', inputs), ...addPrefix('out', results) });
  };
  const recorded = recordOnce();
  refuseChange(recorded, recordOnce());
  // What is too small for float16 is lost, unless the loss was scaled for it.
  const used = precision === 'float16' && !recordedOf.program.scalesLoss ? 'float32' : precision;
  const ends = used === 'float32' ? recorded : deduplicate(useNarrowProducts(recorded, DTYPE[used]));
  const [into, out] = [takePrefix('in', ends), takePrefix('out', ends)];
  return {
    inputs: takePrefix('input', into),
    state: takePrefix('state', into),
    newState: takePrefix('state', out),
    outputs: takePrefix('output', out),
  };
}

function compute({ program, name, definition }: FunctionOf, tensors: Parameters): Parameters {
  const { state = {}, outputs } = definition.compute({
    state: takePrefix('state', tensors),
    inputs: takePrefix('input', tensors),
  });
  checkNewState(`${program.name}.${name}`, program.state, state);
  return { ...addPrefix('state', state), ...addPrefix('output', outputs) };
}

/** A value that differs from one recording to the next would be frozen as it happened to be in the first. */
function refuseChange(first: Results, second: Results): void {
  const [shorter, longer] = [nodeKeys(first), nodeKeys(second)].sort((a, b) => a.length - b.length);
  const changed = longer?.find(({ key }, index) => key !== shorter?.[index]?.key);
  if (changed) throw new CaptureError('recorded twice, it comes out differently', changed.what);
}
