import type { ErrorView, NumericsChoice, NumericsProfile } from '@vitrine/contracts';
import type { VitConfig } from '@vitrine/ml-nn';
import type { TrainableLayers, TrainStepHyper } from '@vitrine/ml-training';

/** What a step on several devices is: the same for all of them. */
export interface SpreadPlan {
  readonly config: VitConfig;
  readonly hyper: TrainStepHyper;
  /** Images of a step, on all devices together. */
  readonly batchSize: number;
  readonly devices: number;
  /** Images whose activations are in a device's memory at a time. */
  readonly partSize: number;
  readonly recompute: boolean;
  readonly trainable?: TrainableLayers | undefined;
  readonly mixed?: boolean | undefined;
}

/** Descriptors, in the order in which a replica finds them behind its channel. */
export const FILES = { shared: 4, gradients: 5 } as const;

export type ToReplica =
  | {
      readonly type: 'start';
      readonly plan: SpreadPlan;
      /** Which device this is; 0 is the stage's own. */
      readonly device: number;
      readonly numerics: NumericsChoice;
    }
  /** The shared arrays hold parameters and batch: go. */
  | { readonly type: 'step'; readonly noise: boolean; readonly factors: readonly [number, number] };

export type FromReplica =
  | { readonly type: 'ready'; readonly profile: NumericsProfile }
  /** Its gradients are in its arrays. */
  | { readonly type: 'stepped'; readonly losses: readonly number[] }
  | { readonly type: 'error'; readonly error: ErrorView };
