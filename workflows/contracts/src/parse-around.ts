import type { z } from 'zod';
import { documentProblem } from './decoded-document.js';
import { VitrineError } from './errors.js';
import { fieldPath, formatIssues } from './format-issues.js';
import { parsePipelineSpec } from './parse-pipeline.js';

interface Around<T> {
  readonly schema: z.ZodType<T>;
  /** What it is a document of, for people. */
  readonly kind: string;
  /** Where its pipeline stands. */
  readonly pipeline: readonly string[];
}

/**
 * Checks a decoded YAML or JSON document that has a pipeline in it. The pipeline is one as it is run: lists and pipelines in it are unfolded.
 * @throws VitrineError InvalidSpec with one line per wrong field: its path, what was expected, what was found
 */
export function parseAround<T>(document: unknown, source: string, { schema, kind, pipeline }: Around<T>): T {
  const what = `${source} is not a valid ${kind}.`;
  const unreadable = documentProblem(document);
  if (unreadable) {
    const where = fieldPath(unreadable.path);
    throw new VitrineError('InvalidSpec', what, { where, actual: `${where}: ${unreadable.problem}` });
  }
  const unfolded = unfoldAt(document, pipeline, { what, prefix: pipeline.join('.') });
  const result = schema.safeParse(unfolded);
  if (result.success) return result.data;
  throw new VitrineError('InvalidSpec', what, {
    where: [...new Set(result.error.issues.map((issue) => fieldPath(issue.path)))].join(', '),
    actual: formatIssues(result.error.issues, unfolded),
  });
}

interface Place {
  readonly what: string;
  readonly prefix: string;
}

function unfoldAt(document: unknown, [field, ...rest]: readonly string[], place: Place): unknown {
  if (field === undefined) return unfold(document, place);
  if (document === null || typeof document !== 'object' || !Object.hasOwn(document, field)) return document;
  const inner = (document as Record<string, unknown>)[field];
  return { ...document, [field]: unfoldAt(inner, rest, place) };
}

function unfold(pipeline: unknown, { what, prefix }: Place): unknown {
  try {
    return parsePipelineSpec(pipeline);
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error;
    const { where = '', actual = '', ...details } = error.details;
    const within = (text: string, break_: string): string =>
      text
        .split(break_)
        .map((path) => `${prefix}.${path}`)
        .join(break_);
    throw new VitrineError('InvalidSpec', what, {
      ...details,
      where: within(where, ', '),
      actual: within(actual, '\n'),
    });
  }
}
