import type { z } from 'zod';
import { documentProblem } from './decoded-document.js';
import { VitrineError } from './errors.js';
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

/** One line per issue: `stages.train.params.epochs: expected …, got …`. */
export function formatIssues(issues: readonly z.core.$ZodIssue[], document: unknown): string {
  return issues
    .map((issue) => `${fieldPath(issue.path)}: ${issueText(issue, valueAt(document, issue.path))}`)
    .join('\n');
}

export function fieldPath(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(document)' : path.map(String).join('.');
}

function issueText(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return `unknown field ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_key')
    return `bad name: ${issue.issues.map((inner) => inner.message).join('; ')}`;
  const shown = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
  return issue.message.includes(', got ') ? issue.message : `${issue.message}, got ${shown}`;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    document,
  );
}
