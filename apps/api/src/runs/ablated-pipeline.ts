import {
  parsePipelineSpec,
  stagePorts,
  VitrineError,
  type PipelineSpec,
  type StageReference,
} from '@vitrine/contracts';
import { ablate, type AblatedPipeline } from '@vitrine/planning';

/**
 * The pipeline with a stage switched to identity.
 * @throws VitrineError InvalidRequest naming the field that nothing stands for
 */
export function ablatedPipeline(spec: PipelineSpec, stage: string): AblatedPipeline {
  const described = Object.hasOwn(spec.stages, stage) ? spec.stages[stage] : undefined;
  if (!described)
    throw refused({
      where: 'body: stage',
      expected: `one of ${Object.keys(spec.stages).join(', ')}`,
      actual: stage,
    });
  const { inputs, outputs } = stagePorts(described) ?? { inputs: {}, outputs: {} };
  const mayLose = (name: string, reference: StageReference): boolean => canLose(spec, name, reference);
  const ablated = ablate({ spec, stage, inputs, outputs, mayLose });
  if (!('spec' in ablated)) throw refused(ablated);
  return { ...ablated, spec: parsePipelineSpec(ablated.spec) };
}

/** An optional input, or an entry of a map that has others. */
function canLose(spec: PipelineSpec, name: string, { port, stage }: StageReference): boolean {
  const described = spec.stages[name];
  const declared = described && stagePorts(described)?.inputs[port];
  if (!described || !declared) return false;
  const value = (described.inputs as Record<string, unknown>)[port];
  if (!declared.required) return true;
  if (declared.arity === 'one' || typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((text) => typeof text === 'string' && !text.startsWith(`${stage}.`));
}

function refused(details: { where: string; expected: string; actual: string }): VitrineError {
  return new VitrineError('InvalidRequest', 'The stage cannot be switched to identity.', {
    ...details,
    hint: 'Name a stage that gives what it takes, such as one that goes on training a model.',
  });
}
