import type { z } from 'zod';
import type { ArtifactType } from '../artifact-ref.js';

export interface InputPort {
  readonly type: ArtifactType;
  /** `one` reference, or `many`: a map from a label that readers see to a reference. */
  readonly arity: 'one' | 'many';
  readonly required: boolean;
  readonly description: string;
}

export interface OutputPort {
  readonly type: ArtifactType;
  /** Of a list: what its elements are. */
  readonly of?: ArtifactType;
  /** The parameter without which there is no such output. */
  readonly when?: string;
  readonly description: string;
}

export type InputPorts = Readonly<Record<string, InputPort>>;
export type OutputPorts = Readonly<Record<string, OutputPort>>;

/**
 * The same for every stage of a kind, or read off the parameters of the one; undefined while they do not say it yet,
 * which the API sees to when a run is submitted.
 */
export type Declared<Ports, Params extends z.ZodType> =
  Ports | ((params: z.infer<Params>) => Ports | undefined);

/** Everything the system knows of a stage kind before it runs. */
export interface StageDefinition<
  Kind extends string,
  Params extends z.ZodType,
  Inputs extends Declared<InputPorts, Params>,
  Outputs extends Declared<OutputPorts, Params>,
  Summary extends z.ZodType,
> {
  readonly kind: Kind;
  readonly description: string;
  /** Whether results are kept for others unless a pipeline says otherwise. Default: yes. */
  readonly cache?: boolean;
  /** Whether it spreads each batch over all the devices that it is given, so that its bytes depend on how many they are. */
  readonly spreads?: boolean;
  readonly params: Params;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  /** The few figures that travel in the payload; everything else is an artifact. */
  readonly summary: Summary;
}

export function defineStage<
  const Kind extends string,
  Params extends z.ZodType,
  const Inputs extends Declared<InputPorts, Params>,
  const Outputs extends Declared<OutputPorts, Params>,
  Summary extends z.ZodType,
>(
  definition: StageDefinition<Kind, Params, Inputs, Outputs, Summary>,
): StageDefinition<Kind, Params, Inputs, Outputs, Summary> {
  return definition;
}
