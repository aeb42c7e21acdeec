import type { z } from 'zod';
import type { ArtifactRef } from '../artifact-ref.js';
import { augmentedFinetuneStage } from './augmented-finetune.js';
import { certifyStage } from './certify.js';
import { commandStage } from './command.js';
import type { InputPort, InputPorts, OutputPorts, StageDefinition } from './define.js';
import { evaluateStage } from './evaluate.js';
import { explainStage } from './explain.js';
import { importCertificatesStage } from './import-certificates.js';
import { importDenoiserStage } from './import-denoiser.js';
import { importModelStage } from './import-model.js';
import { judgeAttentionStage } from './judge-attention.js';
import { noiseInfluenceStage } from './noise-influence.js';
import { noopStage } from './noop.js';
import { nullspaceNoiseStage } from './nullspace-noise.js';
import { packageStage } from './package.js';
import { reportStage } from './report.js';
import { storedModelStage } from './stored-model.js';
import { trainDenoiserStage } from './train-denoiser.js';
import { trainDiffmaskStage } from './train-diffmask.js';
import { trainStage } from './train.js';

/** Every stage kind. Tables over it end in `satisfies Record<StageKind, …>`, so that a forgotten kind does not compile. */
export const STAGES = {
  train: trainStage,
  'import-model': importModelStage,
  'stored-model': storedModelStage,
  'nullspace-noise': nullspaceNoiseStage,
  'noise-influence': noiseInfluenceStage,
  'augmented-finetune': augmentedFinetuneStage,
  evaluate: evaluateStage,
  'train-denoiser': trainDenoiserStage,
  'import-denoiser': importDenoiserStage,
  certify: certifyStage,
  'import-certificates': importCertificatesStage,
  'judge-attention': judgeAttentionStage,
  'train-diffmask': trainDiffmaskStage,
  explain: explainStage,
  report: reportStage,
  noop: noopStage,
  command: commandStage,
  package: packageStage,
} as const;

export type StageKind = keyof typeof STAGES;
export const STAGE_KINDS = Object.keys(STAGES) as StageKind[];

export type StageParams<K extends StageKind> = z.infer<(typeof STAGES)[K]['params']>;
export type StageSummary<K extends StageKind> = z.infer<(typeof STAGES)[K]['summary']>;
type PortsOf<D> = D extends (params: never) => infer Ports ? NonNullable<Ports> : D;
type OutputsOf<K extends StageKind> = PortsOf<(typeof STAGES)[K]['outputs']>;
type OnCondition<Ports> = {
  [P in keyof Ports]: Ports[P] extends { readonly when: string } ? P : never;
}[keyof Ports];
export type StageOutputs<K extends StageKind> = {
  readonly [P in Exclude<keyof OutputsOf<K>, OnCondition<OutputsOf<K>>>]: ArtifactRef;
} & { readonly [P in OnCondition<OutputsOf<K>>]?: ArtifactRef };

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
  readonly inputs: InputPorts | ((params: never) => InputPorts | undefined);
  readonly outputs: OutputPorts | ((params: never) => OutputPorts | undefined);
}

/** The definition of a kind with its types widened, for code that treats all kinds alike. */
export function stageDefinition(kind: StageKind): AnyDefinition {
  return STAGES[kind];
}

export interface StagePorts {
  readonly inputs: InputPorts;
  readonly outputs: OutputPorts;
}

/** What a stage takes and gives, undefined while that is not known. Its parameters have been checked. */
export function stagePorts({
  kind,
  params,
  forEach,
}: {
  readonly kind: StageKind;
  readonly params: unknown;
  readonly forEach?: unknown;
}): StagePorts | undefined {
  const definition = stageDefinition(kind);
  const inputs = declared(definition.inputs, params);
  const all = declared(definition.outputs, params);
  const outputs = all && present(all, params);
  return inputs && outputs && { inputs, outputs: forEach === undefined ? outputs : listsOf(outputs) };
}

/** Without those whose parameter is not given. */
function present(outputs: OutputPorts, params: unknown): OutputPorts {
  const given = params as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(outputs).filter(([, { when }]) => when === undefined || given[when] !== undefined),
  );
}

/** A stage that is made many gives a list of each output. */
function listsOf(outputs: OutputPorts): OutputPorts {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, description }]) => [
      name,
      { type: 'list', of: type, description },
    ]),
  );
}

function declared<Ports extends object>(
  ports: Ports | ((params: never) => Ports | undefined),
  params: unknown,
): Ports | undefined {
  return typeof ports === 'function' ? ports(params as never) : ports;
}
