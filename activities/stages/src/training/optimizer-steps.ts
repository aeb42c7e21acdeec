/** One optimizer step on the device: of a whole batch in one call, or of its parts one after the other. */
import type { BatchBuffers } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';
import type { HostInputs, HostTensor, ProgramExecutor, RunningProgram, StateDict } from '@vitrine/ml-tensor';
import {
  accumulatingProgram,
  adversarialProgram,
  findAdversarial,
  trainingProgram,
  withoutGradients,
  type AdversarySettings,
  type AfterParts,
  type TrainableLayers,
  type TrainStepHyper,
} from '@vitrine/ml-training';

export interface StepsPlan {
  readonly executor: ProgramExecutor;
  readonly config: VitConfig;
  readonly batchSize: number;
  /** Images whose activations are in memory at a time, a divisor of `batchSize`; all of them, when absent. */
  readonly microBatch?: number | undefined;
  /** `blocks`: activations inside the blocks are computed again instead of kept. */
  readonly recompute?: 'blocks' | undefined;
  readonly hyper: TrainStepHyper;
  readonly predictionSize: number;
  /** Which parameters learn; all, when absent. */
  readonly trainable?: TrainableLayers | undefined;
  /** Whether batches come blended. */
  readonly mixed?: boolean;
  /** Learns against adversarial images too; `seed` names their random starts. */
  readonly adversary?: (AdversarySettings & { readonly seed: number }) | undefined;
}

export interface StepInput {
  /** Number of the step, from 0. */
  readonly step: number;
  readonly batch: BatchBuffers;
  readonly rates: Float32Array;
  readonly noise: HostTensor | undefined;
}

export interface StepFigures {
  readonly loss: number;
  readonly gradientNorm: number;
}

export interface OptimizerSteps {
  readonly program: RunningProgram<'predict'>;
  take(step: StepInput): StepFigures;
}

/** @param state weights and moments */
export function startSteps(plan: StepsPlan, state: StateDict): OptimizerSteps {
  const { microBatch = plan.batchSize, adversary } = plan;
  if (adversary) return adversarialSteps({ ...plan, microBatch, adversary }, state);
  return microBatch < plan.batchSize ? stepsInParts({ ...plan, microBatch }, state) : wholeSteps(plan, state);
}

const optionsOf = (plan: StepsPlan, batchSize: number) => {
  const { config, hyper, predictionSize, trainable, mixed } = plan;
  return {
    ...{ config, hyper, predictionSize, trainable, mixed, batchSize },
    recompute: plan.recompute === 'blocks',
  } as const;
};

const figure = (outputs: Readonly<Record<string, HostTensor>>, name: string): number =>
  outputs[name]?.data[0] ?? NaN;

function wholeSteps(plan: StepsPlan, state: StateDict): OptimizerSteps {
  const program = plan.executor.start(trainingProgram(optionsOf(plan, plan.batchSize)));
  program.writeState(state);
  return {
    program,
    take: ({ batch, rates, noise }) => {
      const inputs = { ...partOf(batch, { first: 0, size: plan.batchSize }), rates };
      const outputs = noise
        ? program.run('learnWithNoise', { ...inputs, noise: noise.data })
        : program.run('learn', inputs);
      return { loss: figure(outputs, 'loss'), gradientNorm: figure(outputs, 'gradientNorm') };
    },
  };
}

type PartsPlan = StepsPlan & { readonly microBatch: number };

type Part = HostInputs & { readonly pixels: Float32Array; readonly labels: Int32Array };

/** The inputs of a function for some images of a batch. */
function partOf(
  { pixels, labels, mix }: BatchBuffers,
  { first, size }: { readonly first: number; readonly size: number },
): Part {
  const stride = pixels.length / labels.length;
  return {
    pixels: pixels.subarray(first * stride, (first + size) * stride),
    labels: labels.subarray(first, first + size),
    ...(mix && {
      partners: mix.partners.subarray(first, first + size),
      shares: mix.shares.subarray(first, first + size),
    }),
  };
}

/** One update of all parts of a batch; `accumulate` adds the gradient of a part and gives its loss. */
function takeInParts(
  program: Pick<RunningProgram<AfterParts>, 'run'>,
  { microBatch: size, batchSize }: PartsPlan,
  accumulate: (part: Part, step: StepInput & { readonly first: number }) => number,
): OptimizerSteps['take'] {
  const parts = batchSize / size;
  const factors = Float32Array.of(1, 1 / parts);
  return (step) => {
    let loss = 0;
    for (let first = 0; first < batchSize; first += size) {
      const part = { ...partOf(step.batch, { first, size }), factors };
      loss += accumulate(part, { ...step, first }) / parts;
    }
    const gradientNorm = figure(program.run('gradientNorm', {}), 'gradientNorm');
    program.run('update', { rates: step.rates });
    return { loss, gradientNorm };
  };
}

function stepsInParts(plan: PartsPlan, state: StateDict): OptimizerSteps {
  const program = plan.executor.start(accumulatingProgram(optionsOf(plan, plan.microBatch)));
  program.writeState(withoutGradients(state, plan));
  const take = takeInParts(program, plan, (part, { noise }) =>
    figure(
      noise
        ? program.run('accumulateWithNoise', { ...part, noise: noise.data })
        : program.run('accumulate', part),
      'loss',
    ),
  );
  return { program, take };
}

function adversarialSteps(
  plan: PartsPlan & Required<Pick<StepsPlan, 'adversary'>>,
  state: StateDict,
): OptimizerSteps {
  const { config, microBatch: images } = plan;
  const adversary = plan.adversary as NonNullable<StepsPlan['adversary']>;
  const program = plan.executor.start(adversarialProgram(optionsOf(plan, images), adversary));
  program.writeState(withoutGradients(state, plan));
  const take = takeInParts(program, plan, (part, { step, first }) => {
    const targets = hostTargets(part, config.classes);
    const key = { seed: adversary.seed, step, index: first };
    const attacked = findAdversarial(program, { pixels: part.pixels, images, targets, key }, adversary);
    return figure(program.run('accumulateAgainst', { ...part, attacked }), 'loss');
  });
  return { program, take };
}

/** The distribution that each image belongs to, [B, K]. */
function hostTargets({ labels, partners, shares }: Part, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  const add = (image: number, label: number, share: number): void => {
    const at = image * classes + label;
    targets[at] = (targets[at] ?? 0) + share;
  };
  labels.forEach((label, image) => {
    const share = shares?.[image] ?? 1;
    add(image, label, share);
    add(image, partners?.[image] ?? label, 1 - share);
  });
  return targets;
}
