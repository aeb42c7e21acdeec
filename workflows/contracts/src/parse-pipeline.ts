import { documentProblem } from './decoded-document.js';
import { VitrineError } from './errors.js';
import { fieldPath, formatIssues } from './format-issues.js';
import { pipelineSpecSchema, type PipelineSpec } from './pipeline-spec.js';

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
  const result = pipelineSpecSchema.safeParse(document);
  if (result.success) return result.data;
  throw new VitrineError('InvalidSpec', what, {
    where: [...new Set(result.error.issues.map((issue) => fieldPath(issue.path)))].join(', '),
    actual: formatIssues(result.error.issues, document),
  });
}
