/** What the program that trains gates keeps: names, shapes and starts. */
import type * as tf from '@tensorflow/tfjs-core';
import type { VitConfig } from '@vitrine/ml-nn';
import { initLookahead, LOOKAHEAD_SLOTS } from '@vitrine/ml-optim';
import { addPrefix, type Parameters, type Specs, type StateDict } from '@vitrine/ml-tensor';
import { gateParameterShapes, placeholderShape, type GateShape } from './gate-network.js';
import { PLACEHOLDER, type Masker } from './gate-step.js';
import type { GateSettings } from './settings.js';

/** Where the parts of the state stand. A checkpoint holds all but the model. */
export const GATE_STATE = { model: 'params', trained: 'gates', slots: 'lookahead' } as const;
export const MULTIPLIER = 'multiplier';

/** A model and how its gates are made. */
export interface GatedModel {
  readonly config: VitConfig;
  readonly settings: GateSettings;
}

export const gateShape = ({ depth, width }: VitConfig, hidden: number): GateShape => ({
  ...{ gates: depth + 2, width, hidden },
});

export const multiplierRows = (
  { depth }: VitConfig,
  { multipliers }: Pick<GateSettings, 'multipliers'>,
): number => (multipliers === 'shared' ? 1 : depth + 2);

export const floats = (shape: readonly number[]): Specs[string] => ({ dtype: 'float32', shape });
export const each = (shapes: Readonly<Record<string, readonly number[]>>): Specs =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, floats(shape)]));

function trainedShapes({ config, settings }: GatedModel) {
  const shape = gateShape(config, settings.hidden);
  return {
    ...gateParameterShapes(shape),
    [PLACEHOLDER]: placeholderShape(shape),
    [MULTIPLIER]: [multiplierRows(config, settings)],
  } as Readonly<Record<string, readonly number[]>>;
}

/** Specifications of the entries that training changes; a checkpoint has exactly these. */
export function trainedSpecs(options: GatedModel): Specs {
  const shapes = trainedShapes(options);
  const rows = Object.fromEntries(Object.entries(shapes).map(([name, [R = 1]]) => [name, [R]]));
  const slots = LOOKAHEAD_SLOTS.map((slot) =>
    addPrefix(`${GATE_STATE.slots}.${slot}`, each(slot === 'updates' || slot === 'hasSlow' ? rows : shapes)),
  );
  return Object.assign(addPrefix(GATE_STATE.trained, each(shapes)), ...slots) as Specs;
}

/** Gates, placeholder and multipliers at their start with their slots, as entries of the state. */
export function initialGateState(
  gates: StateDict,
  start: { readonly placeholder: StateDict[string]; readonly multiplier: number },
  { config, settings }: GatedModel,
): StateDict {
  const R = multiplierRows(config, settings);
  const multiplier = { ...floats([R]), data: new Float32Array(R).fill(start.multiplier) };
  const trained: StateDict = { ...gates, [PLACEHOLDER]: start.placeholder, [MULTIPLIER]: multiplier };
  const slots = Object.entries(initLookahead(trained, settings.optimizer)).map(([slot, of]) =>
    addPrefix(`${GATE_STATE.slots}.${slot}`, of),
  );
  return Object.assign(addPrefix(GATE_STATE.trained, trained), ...slots) as StateDict;
}

export const maskerOf = (trained: Parameters): Masker => {
  const { [PLACEHOLDER]: placeholder_1D, [MULTIPLIER]: _multiplier, ...gates } = trained;
  return { gates, placeholder_1D: placeholder_1D as tf.Tensor2D };
};
