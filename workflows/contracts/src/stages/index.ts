import type { z } from 'zod';
import type { ArtifactRef } from '../artifact-ref.js';
import { augmentedFinetuneStage } from './augmented-finetune.js';
import type { InputPort, StageDefinition, OutputPort } from './define.js';
import { evaluateStage } from './evaluate.js';
import { importModelStage } from './import-model.js';
import { noopStage } from './noop.js';
import { nullspaceNoiseStage } from './nullspace-noise.js';
import { reportStage } from './report.js';
import { trainStage } from './train.js';

/** Every stage kind. Tables over it end in `satisfies Record<StageKind, …>`, so that a forgotten kind does not compile. */
export const STAGES = {
  train: trainStage,
  'import-model': importModelStage,
  'nullspace-noise': nullspaceNoiseStage,
  'augmented-finetune': augmentedFinetuneStage,
  evaluate: evaluateStage,
  report: reportStage,
  noop: noopStage,
} as const;

export type StageKind = keyof typeof STAGES;
export const STAGE_KINDS = Object.keys(STAGES) as StageKind[];

export type StageParams<K extends StageKind> = z.infer<(typeof STAGES)[K]['params']>;
export type StageSummary<K extends StageKind> = z.infer<(typeof STAGES)[K]['summary']>;
export type StageOutputs<K extends StageKind> = {
  readonly [P in keyof (typeof STAGES)[K]['outputs']]: ArtifactRef;
};

type ResolvedPort<P extends InputPort> = P['arity'] extends 'many'
  ? Readonly<Record<string, ArtifactRef>>
  : ArtifactRef;
type Ports<K extends StageKind> = (typeof STAGES)[K]['inputs'];
/** Inputs with their references resolved. Optional ports may be absent. */
export type StageInputs<K extends StageKind> = {
  readonly [P in keyof Ports<K>]: Ports<K>[P] extends InputPort
    ? Ports<K>[P]['required'] extends true
      ? ResolvedPort<Ports<K>[P]>
      : ResolvedPort<Ports<K>[P]> | undefined
    : never;
};

/** The definition of a kind with its types widened, for code that treats all kinds alike. */
export function stageDefinition(
  kind: StageKind,
): StageDefinition<
  StageKind,
  z.ZodType,
  Readonly<Record<string, InputPort>>,
  Readonly<Record<string, OutputPort>>,
  z.ZodType
> {
  return STAGES[kind];
}
