import type { PipelineSpec, StageReference } from '@vitrine/contracts';
import { stageReferences } from '@vitrine/contracts/sandbox';
import { byName } from './by-name.js';

/** Types by the names of a stage's ports. */
export type PortTypes = Readonly<Record<string, { readonly type: string }>>;

export interface StageToAblate {
  readonly spec: PipelineSpec;
  readonly stage: string;
  readonly inputs: PortTypes;
  readonly outputs: PortTypes;
  /** Whether a stage can do without a reference of its own: an entry of a map, or an optional input. */
  readonly mayLose: (stage: string, reference: StageReference) => boolean;
}

/** Why a stage cannot be switched to identity. */
export interface AblationProblem {
  readonly where: string;
  readonly expected: string;
  readonly actual: string;
}

export interface AblatedPipeline {
  readonly spec: PipelineSpec;
  /** What stands for each output that others read: an input of the stage, by its own reference. */
  readonly replaced: Record<string, string>;
  /** References to outputs that nothing stands for, which others do without. */
  readonly dropped: string[];
}

/**
 * The pipeline with a stage switched to identity: where one of its outputs was read, its input of the same type is. The
 * stage itself has nothing left to do and is gone; names, and so seeds, of the others stay.
 */
export function ablate(subject: StageToAblate): AblatedPipeline | AblationProblem {
  const { spec, stage, outputs } = subject;
  const stages: Record<string, PipelineSpec['stages'][string]> = {};
  const replaced: Record<string, string> = {};
  const dropped: string[] = [];
  for (const [name, described] of Object.entries(spec.stages)) {
    if (name === stage) continue;
    const own = stageReferences(described).filter((reference) => reference.stage === stage);
    if ((described.when ?? []).some((demand) => demand.stage === stage))
      return {
        where: `stages.${name}.when`,
        expected: 'no demand on a result of the stage',
        actual: `one on ${stage}`,
      };
    const inputs: Record<string, string | Record<string, string>> = structuredClone(
      described.inputs,
    ) as never;
    for (const reference of own) {
      const identity = identityOf(subject, reference.output);
      const where = `stages.${name}.${reference.path.join('.')}`;
      if (identity !== undefined) replaced[reference.output] = identity;
      else if (subject.mayLose(name, reference)) dropped.push(where);
      else
        return {
          where,
          expected: `an input of ${stage} of type ${outputs[reference.output]?.type} that stands for its output ${reference.output}`,
          actual: describeInputs(subject),
        };
      put(inputs, reference, identity);
    }
    stages[name] = { ...described, inputs } as typeof described;
  }
  if (Object.keys(replaced).length > 0)
    return { spec: { ...spec, stages }, replaced, dropped: dropped.sort(byName) };
  return {
    where: `stages.${stage}`,
    expected: 'an output that others read and that has the type of an input',
    actual: describeInputs(subject),
  };
}

/** The input of the output's type: the only one, or the one of the output's name. */
function identityOf({ spec, stage, inputs, outputs }: StageToAblate, output: string): string | undefined {
  const described = spec.stages[stage];
  const fitting = described
    ? stageReferences(described).filter(({ port }) => inputs[port]?.type === outputs[output]?.type)
    : [];
  const named = fitting.length > 1 ? fitting.filter(({ port }) => port === output) : fitting;
  const [found] = named.length === 1 ? named : [];
  return found && `${found.stage}.${found.output}`;
}

function put(
  inputs: Record<string, string | Record<string, string>>,
  { path: [, port = '', label] }: StageReference,
  identity: string | undefined,
): void {
  const map = inputs[port];
  if (label === undefined || typeof map !== 'object') {
    if (identity === undefined) delete inputs[port];
    else inputs[port] = identity;
  } else if (identity === undefined) delete map[label];
  else map[label] = identity;
}

function describeInputs({ spec, stage, inputs }: StageToAblate): string {
  const described = spec.stages[stage];
  const texts = described
    ? stageReferences(described).map(({ port }) => `${port}: ${inputs[port]?.type}`)
    : [];
  return texts.length === 0 ? 'no inputs' : `the inputs ${[...new Set(texts)].join(', ')}`;
}
