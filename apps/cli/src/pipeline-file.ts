import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  VitrineError,
  parsePipelineSpec,
  parseScheduleSpec,
  parseSweepSpec,
  type PipelineSpec,
  type ScheduleSpec,
  type SweepSpec,
} from '@vitrine/contracts';
import { parse, YAMLParseError } from 'yaml';
import { includePipelines } from './include-pipelines.js';

/** The name that stands for the recipe which ships with the project. */
export const QUICK = 'quick';

export interface PipelineOptions {
  readonly seed?: number | undefined;
  /** `stages.train.params.epochs=3`, applied in their order. */
  readonly set?: readonly string[];
}

export function quickRecipe(workspace: string | undefined): string {
  return join(workspace ?? '.', 'infra/local/quick.yaml');
}

/**
 * Reads a pipeline of YAML or JSON and changes what is asked for.
 * @throws VitrineError InvalidSpec naming file, line or field
 */
export function readPipeline(path: string, { seed, set = [] }: PipelineOptions = {}): PipelineSpec {
  const assignments = [...set, ...(seed === undefined ? [] : [`seed=${seed}`])];
  const document = assignments.reduce(assign, read(path));
  return parsePipelineSpec(includePipelines(document, read, [resolve(path)]), basename(path));
}

/**
 * Reads a sweep of YAML or JSON. Its pipeline stands in it, or `pipeline: file.yaml` names a file beside it.
 * @throws VitrineError InvalidSpec naming file, line or field
 */
export function readSweep(path: string, set: readonly string[]): SweepSpec {
  return parseSweepSpec(set.reduce(assign, withPipeline(read(path), path)), basename(path));
}

/**
 * Reads a schedule of YAML or JSON; its pipeline as that of a sweep, below `start`.
 * @throws VitrineError InvalidSpec naming file, line or field
 */
export function readSchedule(path: string, set: readonly string[]): ScheduleSpec {
  const schedule = read(path);
  const start: unknown = isRecord(schedule) ? schedule['start'] : undefined;
  const document =
    isRecord(schedule) && isRecord(start) ? { ...schedule, start: withPipeline(start, path) } : schedule;
  return parseScheduleSpec(set.reduce(assign, document), basename(path));
}

const read = (file: string): unknown => decode(readText(file), file);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Its field `pipeline`, which may name a file beside the one that it stands in, as the pipeline itself. */
function withPipeline(document: unknown, path: string): unknown {
  const { pipeline: given, ...others } = (document ?? {}) as Record<string, unknown>;
  const source = typeof given === 'string' ? resolve(dirname(path), given) : resolve(path);
  const pipeline = includePipelines(typeof given === 'string' ? read(source) : given, read, [source]);
  return pipeline === undefined ? others : { ...others, pipeline };
}

/** Any document of YAML or JSON. @throws VitrineError InvalidSpec naming file or line */
export function readDocument(path: string): unknown {
  return decode(readText(path), path);
}

/**
 * Changes fields of a pipeline, and checks what comes out.
 * @throws VitrineError InvalidSpec naming the field
 */
export function changePipeline(
  document: unknown,
  { set, source }: { readonly set: readonly string[]; readonly source: string },
): PipelineSpec {
  return parsePipelineSpec(set.reduce(assign, document), source);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new VitrineError('InvalidSpec', 'The file cannot be read.', {
      where: path,
      expected: 'a file of YAML or JSON, or the word quick for the recipe that ships with the project',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      hint: 'Correct the path.',
      cause,
    });
  }
}

/** JSON is YAML, so one reader does for both. */
function decode(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined;
    throw new VitrineError('InvalidSpec', 'The file is not YAML.', {
      where: line ? `${path}, line ${line.line}, column ${line.col}` : path,
      expected: 'a YAML or JSON document',
      actual: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
      hint: 'Correct the named line.',
      cause,
    });
  }
}

/**
 * A copy of the document with one field changed; parents that are missing are made.
 * @param assignment `path.to.field=value`, the value in YAML
 * @throws VitrineError InvalidSpec when it is not an assignment, or leads through something that has no fields
 */
export function assign(document: unknown, assignment: string): unknown {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1 || path.some((part) => !/^[A-Za-z0-9/-]+$/.test(part)))
    throw badAssignment(assignment, 'a path of field names with dots, an equals sign, a value', assignment);
  return assignAt(document, path, {
    assignment,
    value: decode(assignment.slice(equals + 1), `--set ${assignment}`),
  });
}

function assignAt(
  target: unknown,
  [field = '', ...rest]: readonly string[],
  change: { assignment: string; value: unknown },
): unknown {
  if (Array.isArray(target)) {
    if (!/^\d+$/.test(field) || Number(field) >= target.length)
      throw badAssignment(change.assignment, `a number below ${target.length} at ${field}`, field);
    return target.map((item: unknown, index) =>
      index === Number(field) ? (rest.length === 0 ? change.value : assignAt(item, rest, change)) : item,
    );
  }
  if (target !== undefined && target !== null && typeof target !== 'object')
    throw badAssignment(change.assignment, `fields below, to set ${field}`, JSON.stringify(target));
  const before = (target ?? {}) as Record<string, unknown>;
  const value =
    rest.length === 0
      ? change.value
      : assignAt(Object.hasOwn(before, field) ? before[field] : undefined, rest, change);
  return { ...before, [field]: value };
}

function badAssignment(assignment: string, expected: string, actual: string): VitrineError {
  return new VitrineError('InvalidSpec', 'The option --set cannot be applied.', {
    where: `--set ${assignment}`,
    expected,
    actual,
    hint: 'Write it like `--set stages.train.params.epochs=3`.',
  });
}
