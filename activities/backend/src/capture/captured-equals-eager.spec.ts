import * as tf from '@tensorflow/tfjs-core';
import { attackProgram, pgd, vitClassifier, type AttackFunction } from '@vitrine/ml-attacks';
import { initVit } from '@vitrine/ml-nn';
import {
  INFLUENCE_MEASURES,
  influenceProgram,
  initialSearchState,
  searchEntries,
  splitVit,
  startingNoise,
  SYNTHESIS_DEFAULTS,
  synthesisProgram,
  synthesizeNoise,
  weightsState,
  type SynthesisSettings,
} from '@vitrine/ml-nullspace';
import {
  eagerExecutor,
  specsOf,
  type HostTensor,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import {
  DIRECT_METHODS,
  explainAtOnce,
  explanationProgram,
  GateTrainer,
  oneCall,
  releasedOptimizer,
} from '@vitrine/ml-explain';
import { parameterSpecs } from '@vitrine/ml-training';
import {
  SMALL_BATCH,
  smallConfig,
  smallAdversarialRun,
  smallImages,
  smallRun,
  type SmallRun,
} from '@vitrine/ml-training/testing';
import { describe, expect, it } from 'vitest';
import { graphExecutor } from './graph-executor.js';

const captured = graphExecutor();

/** Largest relative difference of two lists. */
const apart = (actual: readonly number[], expected: readonly number[]): number =>
  expected.length === actual.length
    ? Math.max(...expected.map((value, i) => Math.abs((actual[i] ?? NaN) / value - 1)))
    : NaN;

/** Norm of the difference over the norm, of all entries together. */
function distance(actual: StateDict, expected: StateDict): number {
  let [difference, size] = [0, 0];
  for (const [name, { data }] of Object.entries(expected))
    data.forEach((value, i) => {
      difference += ((actual[name]?.data[i] ?? NaN) - value) ** 2;
      size += value ** 2;
    });
  return Math.sqrt(difference / size);
}

describe('a captured training', () => {
  const steps = 6;
  const eager = smallRun(eagerExecutor, steps);
  const graph = smallRun(captured, steps);

  it('has the losses of the eager one, within 1e-5 of them', () => {
    // Where this was written the first step has the very bits, the others differ by up to 7e-7: the fused AdamW. Other
    // processors sum in other orders, also in one of the two alone: what is allowed is ten times what was seen.
    expect(apart(graph.losses, eager.losses)).toBeLessThan(1e-5);
    expect(apart(graph.gradientNorms, eager.gradientNorms)).toBeLessThan(1e-4);
  });

  it('has its weights and moments', () => {
    // A softmax does not see a bias of its keys: its gradient is rounding, which Adam scales up to steps of full size.
    const isSeen = ([name]: [string, HostTensor]): boolean => !/^params\/.*qkv\.bias$/.test(name);
    for (const group of ['params', 'adamw.m', 'adamw.v']) {
      const of = Object.entries(eager.state).filter(
        (entry) => entry[0].startsWith(`${group}/`) && isSeen(entry),
      );
      expect(distance(graph.state, Object.fromEntries(of)), group).toBeLessThan(2e-4);
    }
  });

  it('goes on from its checkpoint in a new program with the very numbers of the uninterrupted one', () => {
    const half = smallRun(captured, 3);
    const rest = smallRun(captured, 3, { step: 3, state: half.state });
    expect([...half.losses, ...rest.losses]).toEqual(graph.losses);
    expect(rest.state).toEqual(graph.state);
  });
});

describe('a captured adversarial training', () => {
  it.each(['pgd', 'trades'] as const)('by %s has the losses of the eager one', (kind) => {
    const adversary = { kind, weight: 1, epsilon: 0.03, stepSize: 0.01, steps: 3 };
    const [graph, eager] = [captured, eagerExecutor].map((executor) =>
      smallAdversarialRun(executor, { steps: 4, parts: 2, adversary }),
    ) as [SmallRun, SmallRun];
    // A sign of a gradient that is rounding may differ, and moves a pixel: less exact than plain training.
    expect(apart(graph.losses, eager.losses)).toBeLessThan(1e-3);
    expect(apart(graph.gradientNorms, eager.gradientNorms)).toBeLessThan(1e-2);
  });
});

describe('a captured training in bfloat16', () => {
  const steps = 6;

  it('has losses within 2 % of those in float32, and float32 weights', () => {
    const whole = smallRun(captured, steps);
    const half = smallRun(graphExecutor(undefined, { precision: 'bfloat16' }), steps);
    expect(apart(half.losses, whole.losses)).toBeLessThan(0.02);
    expect(half.losses).not.toEqual(whole.losses);
    for (const [name, { dtype, data, shape }] of Object.entries(half.state))
      expect([dtype, data.constructor, shape], name).toEqual([
        'float32',
        Float32Array,
        whole.state[name]?.shape,
      ]);
    // Not what bfloat16 could hold: 16 bits of zero below.
    const bits = new Uint32Array((half.state['params/head.weight'] as HostTensor).data.slice().buffer);
    expect(bits.some((word) => (word & 0xffff) !== 0)).toBe(true);
  });
});

const weights = initVit(smallConfig, 9);

/** Weights as after some training: predictions differ between images. */
const larger: StateDict = Object.fromEntries(
  Object.entries(weights).map(([name, host]) => {
    const scale = name.endsWith('.weight') && !name.includes('norm') && !name.includes('patch_embed') ? 6 : 1;
    return [name, { ...host, data: host.data.map((value) => value * scale) }];
  }),
);

async function search(executor: ProgramExecutor, over: Partial<SynthesisSettings>, noises = 1) {
  const settings: SynthesisSettings = { ...SYNTHESIS_DEFAULTS, epsilon: 1e-9, maxSteps: 5, ...over };
  const noiseShape = [noises, 16, smallConfig.width] as const;
  const program = executor.start(
    synthesisProgram({
      weights: parameterSpecs(smallConfig),
      model: (params) => splitVit({ config: smallConfig, params }),
      ...{ noiseShape, pixelShape: [SMALL_BATCH, 3, 16, 16], settings },
    }),
  );
  const data = startingNoise({ tokens: 16 * noises, width: smallConfig.width }, settings, {
    seed: 5,
    round: 0,
  });
  const noise: HostTensor = { dtype: 'float32', shape: noiseShape, data };
  program.writeState({ ...weightsState(larger), ...initialSearchState(noise, settings) });
  const distances: number[] = [];
  const images = (step: number): Float32Array => smallImages(step).pixels;
  const options = {
    ...{ fromStep: 0, settings, noises, normLimit: Infinity },
    nextBatch: (step: number) => Promise.resolve(images(step)),
    heldOut: () => [{ pixels: images(99), weights: new Float32Array(SMALL_BATCH).fill(1, 0, 5) }],
  };
  for await (const progress of synthesizeNoise(program, options))
    for (const { mseProbs, mseLogits, loss, tested, norm } of progress.noises)
      distances.push(mseProbs, mseLogits, loss, tested ?? 1, norm);
  const state = program.readState(searchEntries(settings));
  program.dispose();
  return { distances, state };
}

describe('a captured search for a noise', () => {
  it.each<[string, Partial<SynthesisSettings>, number]>([
    ['in mode learned', {}, 1],
    ['in mode random', { mode: 'random' }, 1],
    ['of two at once, on the average', { stopOn: 'average', window: 2 }, 2],
    [
      'by gradient descent on features with a barrier',
      { optimizer: 'gradient-descent', loss: 'features-l2', logBarrier: 0.5 },
      1,
    ],
    ['on held-out images', { stopOn: 'held-out', window: 2, criterion: 'logits-l2', loss: 'logits-l2' }, 1],
  ])('%s finds what the eager one finds', async (_name, over, noises) => {
    const [graph, eager] = [await search(captured, over, noises), await search(eagerExecutor, over, noises)];
    expect(apart(graph.distances, eager.distances)).toBeLessThan(1e-5);
    expect(distance(graph.state, eager.state)).toBeLessThan(1e-5);
  });

  it('has the influence of its noises measured as the eager one', () => {
    const measured = (executor: ProgramExecutor): number[] => {
      const program = executor.start(
        influenceProgram({
          weights: parameterSpecs(smallConfig),
          model: (params) => splitVit({ config: smallConfig, params }),
          ...{ noiseShape: [3, 16, smallConfig.width], pixelShape: [SMALL_BATCH, 3, 16, 16] },
        }),
      );
      program.writeState(larger);
      const size = { tokens: 3 * 16, width: smallConfig.width };
      const outputs = program.run('measure', {
        pixels: smallImages(0).pixels,
        weights: new Float32Array(SMALL_BATCH).fill(1, 0, 6),
        noises: startingNoise(size, SYNTHESIS_DEFAULTS, { seed: 5, round: 0 }),
      });
      program.dispose();
      return INFLUENCE_MEASURES.flatMap((measure) => [...(outputs[measure]?.data ?? [])]);
    };
    expect(apart(measured(captured), measured(eagerExecutor))).toBeLessThan(1e-5);
  });
});

describe('a captured attack', () => {
  const attack = (executor: ProgramExecutor): { attacked: Float32Array; logits: number[] } => {
    const program: RunningProgram<AttackFunction> = executor.start(
      attackProgram({
        weights: specsOf(larger),
        classifier: (params) => vitClassifier({ config: smallConfig, params }),
        pixelShape: [SMALL_BATCH, 3, 16, 16],
      }),
    );
    program.writeState(larger);
    const options = { epsilon: 0.03, stepSize: 0.01, steps: 5, restarts: 2, seed: 7, index: 0 };
    const attacked = pgd(program, smallImages(0), options);
    const logits = [...(program.run('predict', { pixels: attacked })['logits']?.data ?? [])];
    program.dispose();
    return { attacked, logits };
  };

  it('gives the pixels of the eager one, but where a gradient is so small that its sign is rounding', () => {
    // No pixel differs where this was written.
    const before = tf.memory().numTensors;
    const [graph, eager] = [attack(captured), attack(eagerExecutor)];
    const differ = graph.attacked.filter((pixel, i) => Math.abs(pixel - (eager.attacked[i] ?? NaN)) > 1e-6);
    expect(differ.length / graph.attacked.length).toBeLessThan(1e-3);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('captured gates and explanations', () => {
  /** Figures of some steps, then the masks and every map, by the same random numbers. */
  const explained = (executor: ProgramExecutor): { figures: number[]; maps: number[]; state: StateDict } => {
    const trainer = GateTrainer.start(
      {
        ...{ executor, config: smallConfig, weights: larger, batchSize: SMALL_BATCH, seed: 3 },
        settings: {
          ...{
            hidden: 6,
            stretch: 5,
            placeholder: 'learned',
            tolerance: 0.1,
            prefix: 'random',
            penaliseClass: true,
          },
          ...{ multipliers: 'per-depth', multiplierUpdate: 'ascent', passes: 'separate-as-released' },
          ...{
            penalty: 'log-probability',
            clampLogits: true,
            multiplierMax: 200,
            optimizer: releasedOptimizer,
          },
        },
        rates: { gates: 1e-3, placeholder: 1e-2, multiplier: 0.3, warmupSteps: 2 },
        balanceDepths: false,
      },
      { add: { meanMask: 0.8, pixels: smallImages(0).pixels }, multiplier: 2 },
    );
    const figures = Array.from({ length: 7 }, (_, step) => trainer.learn(smallImages(step).pixels)).flatMap(
      ({ loss, divergence, penalty }) => [loss, divergence, penalty],
    );
    const mask = trainer.program.run('attribute', { pixels: smallImages(0).pixels })['mask']?.data ?? [];
    const state = trainer.arrays();
    trainer.dispose();
    const model = executor.start(
      explanationProgram({ config: smallConfig, batchSize: SMALL_BATCH, discard: 0.9 }),
    );
    model.writeState(larger);
    const batch = { pixels: smallImages(0).pixels, targets: smallImages(0).labels };
    const maps = DIRECT_METHODS.flatMap((method) => [...explainAtOnce(oneCall(method, model), batch)]);
    model.dispose();
    return { figures, maps: [...mask, ...maps], state };
  };

  it('are those of the eager ones', () => {
    const before = tf.memory().numTensors;
    const [graph, eager] = [explained(captured), explained(eagerExecutor)];
    expect(tf.memory().numTensors).toBe(before);
    // Gradients of gates that hardly vote are rounding, which Adam scales up: the weights agree less than the figures.
    expect(apart(graph.figures, eager.figures)).toBeLessThan(1e-4);
    expect(distance(graph.state, eager.state)).toBeLessThan(1e-3);
    const largest = Math.max(...eager.maps.map(Math.abs));
    const furthest = Math.max(...eager.maps.map((value, i) => Math.abs(value - (graph.maps[i] ?? NaN))));
    expect(furthest / largest).toBeLessThan(1e-4);
  });
});
