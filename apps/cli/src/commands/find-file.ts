import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VitrineError, type ArtifactEntry, type ArtifactType } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ApiClient } from '../client/api-client.js';
import { findRun } from './run-name.js';

type Api = Pick<ApiClient, 'list' | 'artifacts' | 'artifact' | 'lineage'>;

export interface FileRequest {
  /** A file, a sha256, or RUN.STAGE.OUTPUT. */
  readonly text: string;
  /** The argument that it stands in. */
  readonly argument: string;
  readonly type: ArtifactType;
}

/**
 * A file that holds the bytes of an artifact, which may be a file already: what an argument names, in that order.
 * @param folder where what is fetched goes
 * @throws VitrineError InvalidRequest, NotFound
 */
export async function findFile(api: Api, folder: string, request: FileRequest): Promise<string> {
  const { text, argument, type } = request;
  if (existsSync(text)) return resolve(text);
  const entry = /^[0-9a-f]{64}$/.test(text) ? await bySha256(api, text) : await byOutput(api, request);
  if (entry.artifact.type !== type)
    throw new VitrineError('InvalidRequest', 'The artifact is of another type.', {
      where: `argument ${argument}`,
      expected: `an artifact of type ${type}`,
      actual: `${entry.artifact.type}, ${entry.stage}.${entry.output}`,
    });
  const path = join(folder, `${entry.artifact.sha256}.safetensors`);
  await writeFile(path, await api.artifact(entry));
  return path;
}

async function byOutput(api: Api, { text, argument }: FileRequest): Promise<ArtifactEntry> {
  const [, name = '', stage, output] = /^([^/]+(?:\/[^/]+)?)\.([^./]+)\.([^./]+)$/.exec(text) ?? [];
  if (stage === undefined)
    throw new VitrineError('InvalidRequest', 'There is no such file, and it names no artifact.', {
      where: `argument ${argument}`,
      expected: 'a file, a sha256, or RUN.STAGE.OUTPUT such as last.train.model',
      actual: JSON.stringify(text),
      hint: 'See the outputs of a run with `npx vitrine show RUN --json`.',
    });
  const run = await findRun(api, name);
  const { artifacts } = await api.artifacts(run);
  const found = artifacts.find((entry) => entry.stage === stage && entry.output === output);
  if (found) return found;
  throw new VitrineError('NotFound', 'The run has no such output.', {
    where: `argument ${argument}, ${run.project}/${run.runId}`,
    expected:
      artifacts.map((entry) => `${entry.stage}.${entry.output}`).join(', ') || 'a stage that has succeeded',
    actual: `${stage}.${output}`,
    hint: 'Name one of the outputs it has.',
  });
}

/** By a run that made it: bytes are read through the runs that they belong to. */
async function bySha256(api: Api, sha256: string): Promise<ArtifactEntry> {
  const { upstream } = await api.lineage(DEFAULT_PROJECT, sha256);
  for (const { runId, outputs } of upstream) {
    if (!outputs.some((output) => output.sha256 === sha256)) continue;
    const { artifacts } = await api.artifacts({ project: DEFAULT_PROJECT, runId });
    const found = artifacts.find(({ artifact }) => artifact.sha256 === sha256);
    if (found) return found;
  }
  throw new VitrineError('NotFound', 'No run that has ended made this artifact.', {
    where: `project ${DEFAULT_PROJECT}`,
    expected: 'the sha256 of an output',
    actual: sha256,
    hint: 'Name it as RUN.STAGE.OUTPUT.',
  });
}
