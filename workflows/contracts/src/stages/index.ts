import type { z } from 'zod';
import type { ArtifactRef } from '../artifact-ref.js';
import { augmentedFinetuneStage } from './augmented-finetune.js';
import { commandStage } from './command.js';
import type { InputPort, InputPorts, OutputPorts, StageDefinition } from './define.js';
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
  command: commandStage,
} as const;

export type StageKind = keyof typeof STAGES;
export const STAGE_KINDS = Object.keys(STAGES) as StageKind[];

export type StageParams<K extends StageKind> = z.infer<(typeof STAGES)[K]['params']>;
export type StageSummary<K extends StageKind> = z.infer<(typeof STAGES)[K]['summary']>;
type PortsOf<D> = D extends (params: never) => infer Ports ? Ports : D;
export type StageOutputs<K extends StageKind> = {
  readonly [P in keyof PortsOf<(typeof STAGES)[K]['outputs']>]: ArtifactRef;
};

type ResolvedPort<P extends InputPort> = P['arity'] extends 'many'
  ? Readonly<Record<string, ArtifactRef>>
  : ArtifactRef;
type Ports<K extends StageKind> = PortsOf<(typeof STAGES)[K]['inputs']>;
/** Inputs with their references resolved. Optional ports may be absent. */
export type StageInputs<K extends StageKind> = {
  readonly [P in keyof Ports<K>]: Ports<K>[P] extends InputPort
    ? Ports<K>[P]['required'] extends true
      ? ResolvedPort<Ports<K>[P]>
      : ResolvedPort<Ports<K>[P]> | undefined
    : never;
};

interface AnyDefinition extends Omit<
  StageDefinition<StageKind, z.ZodType, InputPorts, OutputPorts, z.ZodType>,
  'inputs' | 'outputs'
> {
  readonly inputs: InputPorts | ((params: never) => InputPorts);
  readonly outputs: OutputPorts | ((params: never) => OutputPorts);
}

/** The definition of a kind with its types widened, for code that treats all kinds alike. */
export function stageDefinition(kind: StageKind): AnyDefinition {
  return STAGES[kind];
}

export interface StagePorts {
  readonly inputs: InputPorts;
  readonly outputs: OutputPorts;
}

/** What a stage takes and gives. Its parameters have been checked. */
export function stagePorts({
  kind,
  params,
}: {
  readonly kind: StageKind;
  readonly params: unknown;
}): StagePorts {
  const { inputs, outputs } = stageDefinition(kind);
  return { inputs: declared(inputs, params), outputs: declared(outputs, params) };
}

function declared<Ports extends object>(ports: Ports | ((params: never) => Ports), params: unknown): Ports {
  return typeof ports === 'function' ? ports(params as never) : ports;
}
