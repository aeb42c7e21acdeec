import { createReadStream, type Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { packFolder, type ArtifactStore } from '@vitrine/artifact-store';
import {
  certificationSchema,
  evaluationSchema,
  faithfulnessSchema,
  influenceSchema,
  listSchema,
  VitrineError,
  type ArtifactRef,
  type ArtifactType,
  type StageParams,
} from '@vitrine/contracts';
import type { Redactor } from './redactor.js';

type DeclaredOutput = StageParams<'command'>['outputs'][string];

export interface CollectOptions {
  readonly outputs: StageParams<'command'>['outputs'];
  /** The folder that the program ran in. */
  readonly work: string;
  readonly artifacts: ArtifactStore;
  readonly redactor: Redactor;
  readonly where: string;
}

/**
 * Stores what the program promised, after a look at whether it is that.
 * @throws VitrineError StageFailed naming every output that is missing or of another kind, SecretExposed
 */
export async function collectOutputs(options: CollectOptions): Promise<Record<string, ArtifactRef>> {
  const problems: string[] = [];
  for (const [name, output] of Object.entries(options.outputs)) {
    const problem = await problemOf(output, options.work);
    if (problem !== undefined) problems.push(`${name}: ${output.path}: ${problem}`);
  }
  if (problems.length > 0)
    throw new VitrineError(
      'StageFailed',
      'The program ended well but left something else than it declares.',
      {
        where: options.where,
        expected: Object.entries(options.outputs)
          .map(([name, { path, type }]) => `${name}: ${path}, ${type}`)
          .join('\n'),
        actual: problems.join('\n'),
        hint: 'Write each output to the path that params.outputs names, below the folder the program runs in.',
      },
    );
  const stored: Record<string, ArtifactRef> = {};
  for (const [name, output] of Object.entries(options.outputs))
    stored[name] = await store(name, output, options);
  return stored;
}

async function store(
  name: string,
  { path, type, mediaType }: DeclaredOutput,
  { work, artifacts, redactor }: CollectOptions,
): Promise<ArtifactRef> {
  const full = join(work, path);
  const content = type === 'folder' ? await packFolder(full) : createReadStream(full);
  return artifacts.put(type, redactor.guard(content, `output ${name}, ${path}`), mediaType);
}

async function problemOf({ path, type }: DeclaredOutput, work: string): Promise<string | undefined> {
  const full = join(work, path);
  let facts: Stats;
  try {
    facts = await stat(full);
  } catch {
    return 'it is not there';
  }
  if (!`${await realpath(full)}${sep}`.startsWith(`${await realpath(work)}${sep}`))
    return 'it is a link that leads out of the folder';
  if (type === 'folder') return facts.isDirectory() ? undefined : 'it is no folder';
  if (!facts.isFile()) return 'it is no file';
  try {
    await CHECKS[type](full);
    return undefined;
  } catch (error) {
    return `it is no ${type}: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  if (error instanceof VitrineError)
    return [error.message, error.details.where, error.details.actual].filter(Boolean).join(' ').slice(0, 500);
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}

/** Readers are loaded when they are needed: most programs give nothing that has to do with tensors. */
const CHECKS: Readonly<Record<Exclude<ArtifactType, 'folder'>, (path: string) => Promise<unknown>>> = {
  model: async (path) => (await import('../model-artifact.js')).decodeModel(await readFile(path), path),
  noise: async (path) => (await import('../noise-artifact.js')).decodeNoise(await readFile(path), path),
  denoiser: async (path) =>
    (await import('../denoiser-artifact.js')).decodeDenoiser(await readFile(path), path),
  gates: async (path) => (await import('../gates-artifact.js')).decodeGates(await readFile(path), path),
  explanations: async (path) =>
    (await import('../explain/explanations-artifact.js')).decodeExplanations(await readFile(path), path),
  weights: readTensors,
  predictions: readTensors,
  checkpoint: readTensors,
  history: async (path) =>
    (await import('../training/history.js')).parseHistory(await readFile(path, 'utf8'), path),
  influence: async (path) => influenceSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
  evaluation: async (path) => evaluationSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
  list: async (path) => listSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
  certification: async (path) => certificationSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
  faithfulness: async (path) => faithfulnessSchema.parse(JSON.parse(await readFile(path, 'utf8'))),
  certificates: async (path) =>
    (await import('@vitrine/ml-smoothing')).parseCertificationLog(await readFile(path, 'utf8')),
  table: (path) => beginsWith(path, 'PAR1'),
  picture: (path) => beginsWith(path, '\x89PNG'),
  document: async (path) => JSON.parse(await readFile(path, 'utf8')) as unknown,
  report: async (path) => {
    if (!/^\s*<(!doctype html|html)/i.test(await readFile(path, 'utf8')))
      throw new Error('expected a page of HTML');
  },
  file: () => Promise.resolve(),
};

async function beginsWith(path: string, signature: string): Promise<void> {
  const found = (await readFile(path)).toString('latin1', 0, 4);
  if (found !== signature)
    throw new Error(
      `expected a file that begins with ${JSON.stringify(signature)}, got ${JSON.stringify(found)}`,
    );
}

async function readTensors(path: string): Promise<unknown> {
  return (await import('@vitrine/ml-tensor')).decodeSafetensors(await readFile(path));
}
