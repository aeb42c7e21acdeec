import { dirname, resolve } from 'node:path';
import { VitrineError } from '@vitrine/contracts';

/** Reads and decodes a file. */
export type ReadDocument = (path: string) => unknown;

/**
 * The document with each stage `use: file.yaml` holding that pipeline itself, and with folders of programs named as they lie
 * beside the file that names them. What is not as expected is left to the schema.
 * @param trail the files that led here, this one last
 * @throws VitrineError InvalidSpec naming the field when files use each other in a circle
 */
export function includePipelines(document: unknown, read: ReadDocument, trail: readonly string[]): unknown {
  const folder = dirname(trail.at(-1) ?? '');
  if (!hasFields(document) || !hasFields(document['stages'])) return document;
  const stages = Object.entries(document['stages']).map(([name, stage]) => {
    if (!hasFields(stage)) return [name, stage];
    if (stage['kind'] === 'pipeline') return [name, included(stage, name, { read, trail, folder })];
    return [name, withAbsoluteSource(stage, folder)];
  });
  return { ...document, stages: Object.fromEntries(stages) as unknown };
}

interface From {
  readonly read: ReadDocument;
  readonly trail: readonly string[];
  readonly folder: string;
}

function included(stage: Fields, name: string, { read, trail, folder }: From): unknown {
  const { use, ...rest } = stage;
  if (typeof use !== 'string') {
    const inline = includePipelines(stage['pipeline'], read, trail);
    return 'pipeline' in stage ? { ...stage, pipeline: inline } : stage;
  }
  const path = resolve(folder, use);
  if (trail.includes(path))
    throw new VitrineError('InvalidSpec', 'Pipelines use each other in a circle.', {
      where: `stages.${name}.use`,
      expected: 'a pipeline that does not lead back here',
      actual: [...trail.slice(trail.indexOf(path)), path].join(' -> '),
    });
  return { ...rest, pipeline: includePipelines(read(path), read, [...trail, path]) };
}

function withAbsoluteSource(stage: Fields, folder: string): Fields {
  const { params } = stage;
  const source = hasFields(params) ? params['source'] : undefined;
  if (!hasFields(params) || !hasFields(source) || typeof source['folder'] !== 'string') return stage;
  const absolute = { ...source, folder: resolve(folder, source['folder']) };
  return { ...stage, params: { ...params, source: absolute } };
}

type Fields = Record<string, unknown>;

function hasFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
