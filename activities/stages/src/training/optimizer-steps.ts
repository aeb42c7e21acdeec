/** One optimizer step: of a whole batch in one call, of its parts one after the other, or spread over several devices. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Environment } from '@vitrine/config';
import { sharesProblem, VitrineError, type NumericsProfile } from '@vitrine/contracts';
import type { BatchBuffers } from '@vitrine/ml-data';
import type { VitConfig } from '@vitrine/ml-nn';
import {
  addPrefix,
  type HostTensor,
  type ProgramExecutor,
  type RunningProgram,
  type StateDict,
} from '@vitrine/ml-tensor';
import {
  accumulatingProgram,
  adversarialProgram,
  findAdversarial,
  parameterSpecs,
  STATE,
  trainingProgram,
  withoutGradients,
  type AccumulatingFunction,
  type AdversarialFunction,
  type AdversarySettings,
  type AfterParts,
  type TrainableLayers,
  type TrainStepHyper,
} from '@vitrine/ml-training';
import { accumulateParts, batchInputs, partOf } from '../replicas/accumulate-parts.js';
import { DeviceGroup } from '../replicas/device-group.js';

export interface StepsPlan {
  readonly executor: ProgramExecutor;
  readonly profile: NumericsProfile;
  /** Of a process for each further device: the batch is spread over them and the executor's own. */
  readonly otherDevices: readonly Environment[];
  readonly config: VitConfig;
  readonly batchSize: number;
  /** Images whose activations are in a device's memory at a time, a divisor of its share; all of them, when absent. */
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
  /** A factor on the loss while its gradient is taken; 1 changes nothing. */
  readonly lossScale: number;
}

export interface StepFigures {
  readonly loss: number;
  readonly gradientNorm: number;
}

export interface OptimizerSteps {
  readonly program: RunningProgram<'predict'>;
  /** Without an update when the gradient is not finite. */
  take(step: StepInput): Promise<StepFigures>;
  dispose(): void;
}

/**
 * @param state weights and moments
 * @throws VitrineError InvalidSpec when the batch cannot be cut so
 */
export function startSteps(plan: StepsPlan, state: StateDict): OptimizerSteps {
  const devices = 1 + plan.otherDevices.length;
  const uneven = sharesProblem(plan, devices);
  // Seen when a run is submitted, unless an item of a list sets the size of the batch.
  if (uneven)
    throw new VitrineError('InvalidSpec', 'The batch cannot be spread over the devices.', {
      where: 'resources.devices',
      actual: uneven,
    });
  if (plan.adversary && devices > 1)
    throw new VitrineError('InvalidSpec', 'Adversarial training takes one device.', {
      where: 'resources.devices',
      expected: '1',
      actual: String(devices),
      hint: 'Ask for one device, or for an objective that is not adversarial.',
    });
  const share = plan.batchSize / devices;
  const partSize = Math.min(plan.microBatch ?? share, share);
  if (plan.adversary) return new AdversarialSteps({ ...plan, partSize, adversary: plan.adversary }, state);
  return partSize < plan.batchSize || plan.profile.precision === 'float16'
    ? new SummedSteps({ ...plan, partSize, share }, state)
    : wholeSteps(plan, state);
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
      const inputs = { ...batchInputs(batch), rates };
      const outputs = noise
        ? program.run('learnWithNoise', { ...inputs, noise: noise.data })
        : program.run('learn', inputs);
      return Promise.resolve({
        loss: figure(outputs, 'loss'),
        gradientNorm: figure(outputs, 'gradientNorm'),
      });
    },
    dispose: () => program.dispose(),
  };
}

interface SummedPlan extends StepsPlan {
  readonly partSize: number;
  /** Images of one device. */
  readonly share: number;
}

/** Gradients are summed part by part on each device, then device by device in their order. */
class SummedSteps implements OptimizerSteps {
  readonly program: RunningProgram<AccumulatingFunction>;
  private readonly others: DeviceGroup | undefined;

  constructor(
    private readonly plan: SummedPlan,
    state: StateDict,
  ) {
    const { config, hyper, batchSize, partSize, profile, otherDevices, trainable, mixed } = plan;
    if (otherDevices.length > 0)
      this.others = new DeviceGroup({
        plan: {
          ...{ config, hyper, batchSize, partSize, trainable, mixed },
          devices: 1 + otherDevices.length,
          recompute: plan.recompute === 'blocks',
        },
        profile,
        environments: otherDevices,
      });
    try {
      this.program = plan.executor.start(accumulatingProgram(optionsOf(plan, partSize)));
      this.program.writeState(withoutGradients(state, plan));
    } catch (error) {
      this.others?.close();
      throw error;
    }
  }

  async take({ batch, rates, noise, lossScale }: StepInput): Promise<StepFigures> {
    const { program, others } = this;
    const { share, partSize, batchSize } = this.plan;
    const parts = batchSize / partSize;
    const factors = Float32Array.of(lossScale, 1 / parts / lossScale);
    await others?.ready();
    const shares = others?.begin({ parameters: this.parameters(), batch, noise, factors });
    // The request leaves when this turn of the event loop ends, which computing would hold up.
    if (others) await nextTurn();
    const own = accumulateParts(program, {
      batch: partOf(batch, { first: 0, size: share }),
      ...{ partSize, noise, factors },
    });
    const losses = [...own];
    for (const other of (await shares) ?? []) {
      losses.push(...other.losses);
      program.run('addGradients', other.gradients);
    }
    return update(program, rates, losses);
  }

  dispose(): void {
    this.others?.close();
    this.program.dispose();
  }

  private parameters(): StateDict {
    return this.program.readState(Object.keys(addPrefix(STATE.params, parameterSpecs(this.plan.config))));
  }
}

interface AdversarialPlan extends StepsPlan {
  readonly partSize: number;
  readonly adversary: NonNullable<StepsPlan['adversary']>;
}

/** Each part is attacked with the weights as they are, and learned with what the attack gave. */
class AdversarialSteps implements OptimizerSteps {
  readonly program: RunningProgram<AdversarialFunction>;

  constructor(
    private readonly plan: AdversarialPlan,
    state: StateDict,
  ) {
    this.program = plan.executor.start(adversarialProgram(optionsOf(plan, plan.partSize), plan.adversary));
    this.program.writeState(withoutGradients(state, plan));
  }

  take({ step, batch, rates, lossScale }: StepInput): Promise<StepFigures> {
    const { config, batchSize, partSize: images, adversary } = this.plan;
    const parts = batchSize / images;
    const factors = Float32Array.of(lossScale, 1 / parts / lossScale);
    const losses = Array.from({ length: parts }, (_, index) => {
      const part = partOf(batch, { first: index * images, size: images });
      const targets = hostTargets(part, config.classes);
      const key = { seed: adversary.seed, step, index: index * images };
      const attacked = findAdversarial(
        this.program,
        { pixels: part.pixels, images, targets, key },
        adversary,
      );
      const inputs = { ...batchInputs(part), factors, attacked };
      return figure(this.program.run('accumulateAgainst', inputs), 'loss');
    });
    return Promise.resolve(update(this.program, rates, losses));
  }

  dispose(): void {
    this.program.dispose();
  }
}

/** What ends a step whose parts have all been seen. */
function update(
  program: Pick<RunningProgram<AfterParts>, 'run'>,
  rates: Float32Array,
  losses: readonly number[],
): StepFigures {
  const gradientNorm = figure(program.run('gradientNorm', {}), 'gradientNorm');
  if (Number.isFinite(gradientNorm)) program.run('update', { rates });
  else program.run('discard', {});
  return { loss: losses.reduce((sum, loss) => sum + loss / losses.length, 0), gradientNorm };
}

/** The distribution that each image belongs to, [B, K]. */
function hostTargets({ labels, mix }: BatchBuffers, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  const add = (image: number, label: number, share: number): void => {
    const at = image * classes + label;
    targets[at] = (targets[at] ?? 0) + share;
  };
  labels.forEach((label, image) => {
    const share = mix?.shares[image] ?? 1;
    add(image, label, share);
    add(image, mix?.partners[image] ?? label, 1 - share);
  });
  return targets;
}
