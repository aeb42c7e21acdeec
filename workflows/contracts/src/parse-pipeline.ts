import { documentProblem } from './decoded-document.js';
import { VitrineError } from './errors.js';
import { expandPipeline, type ExpandedPipeline, type TypedReference } from './expand-pipeline.js';
import { ExpansionProblem } from './expansion-problem.js';
import { fieldPath, formatIssues } from './format-issues.js';
import { stagePorts } from './stages/index.js';
import { pipelineSpecSchema, type PipelineSpec } from './pipeline-spec.js';
import { referenceParts } from './stage-references.js';

/**
 * Checks a decoded YAML or JSON document.
 * @throws VitrineError InvalidSpec with one line per wrong field: its path, what was expected, what was found
 */
export function parsePipelineSpec(document: unknown, source = 'pipeline'): PipelineSpec {
  const what = `${source} is not a valid pipeline.`;
  const unreadable = documentProblem(document);
  if (unreadable) {
    const where = fieldPath(unreadable.path);
    throw new VitrineError('InvalidSpec', what, { where, actual: `${where}: ${unreadable.problem}` });
  }
  const { document: expanded, typed } = expanding(document, what);
  const result = pipelineSpecSchema.safeParse(expanded);
  if (result.success) return withTypes(result.data, typed, what);
  throw new VitrineError('InvalidSpec', what, {
    where: [...new Set(result.error.issues.map((issue) => fieldPath(issue.path)))].join(', '),
    actual: formatIssues(result.error.issues, expanded),
  });
}

function expanding(document: unknown, what: string): ExpandedPipeline {
  try {
    return expandPipeline(document);
  } catch (error) {
    if (!(error instanceof ExpansionProblem)) throw error;
    const { where, problem } = error;
    throw new VitrineError('InvalidSpec', what, { where, actual: `${where}: ${problem}` });
  }
}

/** The types that sub-pipelines declare of their inputs, against what is given to them. */
function withTypes(spec: PipelineSpec, typed: readonly TypedReference[], what: string): PipelineSpec {
  for (const { path, reference, type, each } of typed) {
    const named = referenceParts(reference);
    const source = spec.stages[named.stage];
    const output = source && stagePorts(source)?.outputs[named.output];
    if (!output || output.type === type || (each && output.of === type)) continue;
    const got = output.of === undefined ? output.type : `list of ${output.of}`;
    const actual = `${path}: expected an artifact of type ${type}, got ${got} from ${reference}`;
    throw new VitrineError('InvalidSpec', what, { where: path, actual });
  }
  return spec;
}
