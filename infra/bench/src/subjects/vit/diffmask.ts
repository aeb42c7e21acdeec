import {
  GATE_STATE,
  gateParameterShapes,
  gateProgram,
  gateShape,
  initialGateState,
  releasedOptimizer,
  type GateSettings,
} from '@vitrine/ml-explain';
import { patchCount } from '@vitrine/ml-nn';
import { addPrefix, sizeOfShape, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import type { Task } from '../serve.js';
import { scalarOf, type Setting } from './setting.js';

/** Numbers that both sides can make: scale · sin(slope · i + shift), or a constant without a slope. */
const STARTS: Readonly<Record<string, readonly [slope: number, shift: number, scale: number]>> = {
  'hidden.v': [0.37, 1, 0.05],
  'hidden.g': [0, Math.PI / 2, 0.5],
  'hidden.bias': [0, 0, 0],
  'vote.v': [0.61, 2, 1],
  'vote.g': [0, Math.PI / 2, 0.5],
  'vote.bias': [0, 0, 0],
  add: [0, Math.PI / 2, 2],
};

function waves(
  shape: readonly number[],
  [slope, shift, scale]: readonly [number, number, number],
): HostTensor {
  const data = Float32Array.from(
    { length: sizeOfShape(shape) },
    (_, i) => scale * Math.sin(slope * i + shift),
  );
  return { dtype: 'float32', shape, data };
}

export function diffmaskTask({ executor, weights, batch, case: { model: config } }: Setting): Task {
  const hidden = Math.floor(config.width / 4);
  // Meetings of Lookahead are a copy every sixth step; between them it is Adam, which is what is compared.
  const optimizer = { ...releasedOptimizer, every: 0 };
  const settings: GateSettings = {
    ...{
      hidden,
      stretch: 5,
      placeholder: 'learned',
      tolerance: 0.1,
      prefix: 'all',
      multipliers: 'shared',
      optimizer,
    },
    ...{ multiplierUpdate: 'ascent', passes: 'shared', penalty: 'log-probability', penaliseClass: true },
    ...{ clampLogits: false, multiplierMax: 200 },
  };
  const shape = gateShape(config, hidden);
  const program = executor.start(gateProgram({ config, settings, batchSize: batch.size }));
  const gates = Object.entries(gateParameterShapes(shape)).map(([name, extents]): [string, HostTensor] => [
    name,
    waves(extents, STARTS[name] ?? [0, 0, 0]),
  ]);
  const placeholder = waves([1, config.width], [1, 0, 0.03]);
  const start: StateDict = Object.fromEntries(gates);
  program.writeState({
    ...addPrefix(GATE_STATE.model, weights),
    ...initialGateState(start, { placeholder, multiplier: 2 }, { config, settings }),
  });
  const count = shape.gates * batch.size * patchCount(config);
  const inputs = {
    pixels: batch.pixels,
    noise: Float32Array.from({ length: count }, (_, i) => ((i + 1) * 0.6180339887) % 1),
    active: new Float32Array(shape.gates).fill(1),
    depth: Float32Array.of(1),
    gateRate: Float32Array.of(1e-3),
    placeholderRate: Float32Array.of(1e-2),
    multiplierRate: Float32Array.of(0.03),
    sync: Float32Array.of(0),
  };
  const run = (): number => scalarOf(program.run('learn', inputs), 'loss');
  return { run, checks: () => [{ name: 'losses of the first three steps', values: [run(), run(), run()] }] };
}
