import type { z } from 'zod';

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
  const shown = show(value).slice(0, 80);
  return issue.message.includes(', got ') ? issue.message : `${issue.message}, got ${shown}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON has no word for NaN and infinities, and would show null.
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    document,
  );
}
