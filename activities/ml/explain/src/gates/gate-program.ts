/** Training of gates as a program: the frozen model, gates, placeholder, multipliers and all slots are its state. */
import * as tf from '@tensorflow/tfjs-core';
import { patchCount, vitParameterShapes } from '@vitrine/ml-nn';
import { LOOKAHEAD_SLOTS, lookaheadStep, type LookaheadState } from '@vitrine/ml-optim';
import {
  addPrefix,
  takePrefix,
  type Parameters,
  type Program,
  type ProgramFunction,
} from '@vitrine/ml-tensor';
import { gateLogits } from './gate-network.js';
import {
  each,
  floats,
  GATE_STATE,
  maskerOf,
  MULTIPLIER,
  multiplierRows,
  trainedSpecs,
  type GatedModel,
} from './gate-state.js';
import { gateGradients, objective, PLACEHOLDER, type GateBatch } from './gate-step.js';
import { logOpen } from './hard-concrete.js';
import { cleanPass, divergence, maskedLogits } from './masking.js';
import type { GateSettings } from './settings.js';

export interface GateProgramOptions extends GatedModel {
  readonly batchSize: number;
}

export type GateFunction = 'learn' | 'learnGates' | 'learnMultiplier' | 'attribute' | 'judge';

/**
 * `learn` moves gates, placeholder and multiplier by one pass; `learnGates` and `learnMultiplier` by one each. `attribute`
 * gives the masks of all gates and log P(z > 0) of each; `judge` the divergence and agreement of given masks.
 */
export function gateProgram(options: GateProgramOptions): Program<GateFunction> {
  const { config, settings, batchSize: B } = options;
  const N = patchCount(config);
  const G = config.depth + 2;
  const rows = multiplierRows(config, settings);
  const pixels = floats([B, config.channels, config.imageSize, config.imageSize]);
  const drawn = { pixels, noise: floats([G, B, N]), active: floats([G]), depth: floats([rows]) };
  const rates = {
    gateRate: floats([]),
    placeholderRate: floats([]),
    multiplierRate: floats([]),
    sync: floats([]),
  };
  const learning = (what: Learning): ProgramFunction => ({
    inputs: { ...drawn, ...rates },
    compute: (call) => learn(options, call, what),
  });
  const vitOf = (state: Parameters) => ({
    config,
    params: takePrefix(GATE_STATE.model, state),
    frozen: true,
  });
  return {
    name: 'gates',
    state: { ...addPrefix(GATE_STATE.model, each(vitParameterShapes(config))), ...trainedSpecs(options) },
    functions: {
      learn: learning({ gates: true, multiplier: true }),
      learnGates: learning({ gates: true, multiplier: false }),
      learnMultiplier: learning({ gates: false, multiplier: true }),
      attribute: {
        inputs: { pixels },
        compute: ({ state, inputs }) => {
          const clean = cleanPass(vitOf(state), inputs['pixels'] as tf.Tensor4D);
          const { gates } = maskerOf(takePrefix(GATE_STATE.trained, state));
          const logits_GM = gateLogits(gates, { states: clean.states, stretch: settings.stretch });
          const patches_GBN = tf.slice(tf.reshape(logits_GM, [G, B, N + 1]), [0, 0, 1], [G, B, N]);
          const votes_GBN = logOpen(patches_GBN);
          const mask = tf.exp(tf.sum(votes_GBN, 0));
          return { outputs: { mask, votes: votes_GBN, gateLogits: patches_GBN, logits: clean.logits_BK } };
        },
      },
      judge: {
        inputs: { pixels, mask: floats([B, N]) },
        compute: ({ state, inputs }) => {
          const vit = vitOf(state);
          const clean = cleanPass(vit, inputs['pixels'] as tf.Tensor4D);
          const { placeholder_1D } = maskerOf(takePrefix(GATE_STATE.trained, state));
          const mask_BN = inputs['mask'] as tf.Tensor2D;
          const masked = maskedLogits(vit, clean, { mask_BN, placeholder_1D });
          return {
            outputs: { divergence: divergence(clean.logits_BK, masked), logits: clean.logits_BK, masked },
          };
        },
      },
    },
  };
}

interface Learning {
  readonly gates: boolean;
  readonly multiplier: boolean;
}

function learn(
  { config, settings }: GateProgramOptions,
  { state, inputs }: { readonly state: Parameters; readonly inputs: Parameters },
  what: Learning,
): ReturnType<ProgramFunction['compute']> {
  const vit = { config, params: takePrefix(GATE_STATE.model, state), frozen: true };
  const trained = takePrefix(GATE_STATE.trained, state);
  const masker = maskerOf(trained);
  const batch: GateBatch = {
    pixels_BCHW: inputs['pixels'] as tf.Tensor4D,
    noise_GBN: inputs['noise'] as tf.Tensor3D,
    active_G: inputs['active'] as tf.Tensor1D,
  };
  const multipliers_R = trained[MULTIPLIER] as tf.Tensor1D;
  const depth_R = inputs['depth'] as tf.Tensor1D;
  const multiplier = tf.sum<tf.Scalar>(tf.mul(multipliers_R, depth_R));
  const found = what.gates
    ? gateGradients({ vit, masker, multiplier }, batch, settings)
    : {
        ...objective({ vit, masker, clean: cleanPass(vit, batch.pixels_BCHW), multiplier }, batch, settings),
        grads: {},
      };
  // Optimizers descend, so ascent is fed the gradient turned round.
  const sign = settings.multiplierUpdate === 'ascent' ? -1 : 1;
  const grads: Parameters = {
    ...found.grads,
    [MULTIPLIER]: tf.mul(depth_R, tf.mul(found.constraint, sign)),
  };
  const moved = moveAll({ grads, trained, state, inputs }, settings, what);
  return { state: moved, outputs: { loss: found.loss, multiplier, ...found.figures } };
}

function moveAll(
  { grads, trained, state, inputs }: Readonly<Record<'grads' | 'trained' | 'state' | 'inputs', Parameters>>,
  settings: GateSettings,
  what: Learning,
): Parameters {
  const one = tf.ones([1]) as tf.Tensor1D;
  const groups = [
    {
      rate: 'gateRate',
      moves: what.gates,
      rows: inputs['active'],
      has: (name: string) => name !== PLACEHOLDER && name !== MULTIPLIER,
    },
    {
      rate: 'placeholderRate',
      moves: what.gates && settings.placeholder === 'learned',
      rows: one,
      has: (name: string) => name === PLACEHOLDER,
    },
    {
      rate: 'multiplierRate',
      moves: what.multiplier,
      rows: inputs['depth'],
      has: (name: string) => name === MULTIPLIER,
    },
  ];
  const next = groups.map(({ rate, moves, rows, has }) => {
    if (!moves) return {};
    const pick = (of: Parameters): Parameters =>
      Object.fromEntries(Object.entries(of).filter(([name]) => has(name)));
    const slots = LOOKAHEAD_SLOTS.map((slot) => [
      slot,
      pick(takePrefix(`${GATE_STATE.slots}.${slot}`, state)),
    ]);
    const { params, state: held } = lookaheadStep({
      ...{ params: pick(trained), grads: pick(grads), state: Object.fromEntries(slots) as LookaheadState },
      active: () => rows as tf.Tensor1D,
      ...{
        learningRate: inputs[rate] as tf.Scalar,
        sync: inputs['sync'] as tf.Scalar,
        settings: settings.optimizer,
      },
    });
    const kept = has(MULTIPLIER) ? clampAll(params, settings.multiplierMax) : params;
    const entries = LOOKAHEAD_SLOTS.map((slot) => addPrefix(`${GATE_STATE.slots}.${slot}`, held[slot]));
    return Object.assign(addPrefix(GATE_STATE.trained, kept), ...entries) as Parameters;
  });
  return Object.assign({}, ...next) as Parameters;
}

const clampAll = (params: Parameters, most: number): Parameters =>
  Object.fromEntries(
    Object.entries(params).map(([name, values]) => [name, tf.minimum(tf.maximum(values, 0), most)]),
  );
