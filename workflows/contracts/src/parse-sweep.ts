import { documentProblem } from './decoded-document.js';
import { VitrineError } from './errors.js';
import { fieldPath, formatIssues } from './format-issues.js';
import { parsePipelineSpec } from './parse-pipeline.js';
import { sweepSpecSchema, type SweepSpec } from './sweep-spec.js';

/**
 * Checks a decoded YAML or JSON document of a sweep. Its pipeline is one as it is run: lists and pipelines in it are unfolded.
 * @throws VitrineError InvalidSpec with one line per wrong field: its path, what was expected, what was found
 */
export function parseSweepSpec(document: unknown, source = 'sweep'): SweepSpec {
  const what = `${source} is not a valid sweep.`;
  const unreadable = documentProblem(document);
  if (unreadable) {
    const where = fieldPath(unreadable.path);
    throw new VitrineError('InvalidSpec', what, { where, actual: `${where}: ${unreadable.problem}` });
  }
  const unfolded = withPipeline(document, what);
  const result = sweepSpecSchema.safeParse(unfolded);
  if (result.success) return result.data;
  throw new VitrineError('InvalidSpec', what, {
    where: [...new Set(result.error.issues.map((issue) => fieldPath(issue.path)))].join(', '),
    actual: formatIssues(result.error.issues, unfolded),
  });
}

const PIPELINE = 'pipeline';

function withPipeline(document: unknown, what: string): unknown {
  if (document === null || typeof document !== 'object' || !(PIPELINE in document)) return document;
  try {
    return { ...document, pipeline: parsePipelineSpec(document.pipeline) };
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error;
    const { where = '', actual = '', ...details } = error.details;
    const within = (text: string, break_: string): string =>
      text
        .split(break_)
        .map((path) => `${PIPELINE}.${path}`)
        .join(break_);
    throw new VitrineError('InvalidSpec', what, {
      ...details,
      where: within(where, ', '),
      actual: within(actual, '\n'),
    });
  }
}
