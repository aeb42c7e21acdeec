import { VitrineError, type Lineage, type LineageStep } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ApiClient } from '../client/api-client.js';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findRun } from './run-name.js';

interface LineageOptions {
  readonly project?: string;
  readonly json: boolean;
}

/** `vitrine lineage`: what an artifact was made from, and what was made of it. */
export async function lineage(context: Context, text: string, options: LineageOptions): Promise<number> {
  const api = apiClient(context);
  const { project, sha256 } = await findArtifact(api, text, options.project);
  const traced = await api.lineage(project, sha256);
  if (options.json) context.terminal.json(traced);
  else for (const line of lineageLines(traced)) context.terminal.line(line);
  return EXIT.ok;
}

/** @throws VitrineError InvalidRequest, NotFound */
async function findArtifact(
  api: Pick<ApiClient, 'list' | 'artifacts'>,
  text: string,
  project = DEFAULT_PROJECT,
): Promise<{ readonly project: string; readonly sha256: string }> {
  if (/^[0-9a-f]{64}$/.test(text)) return { project, sha256: text };
  const [, name = '', stage, output] = /^(.+)\.([^.]+)\.([^.]+)$/.exec(text) ?? [];
  if (stage === undefined)
    throw new VitrineError('InvalidRequest', 'This names no artifact.', {
      where: 'argument ARTIFACT',
      expected: 'a sha256, or RUN.STAGE.OUTPUT such as last.train.model',
      actual: JSON.stringify(text),
      hint: 'See the outputs of a run with `npx vitrine show RUN --json`.',
    });
  const run = await findRun(api, name);
  const { artifacts } = await api.artifacts(run);
  const found = artifacts.find((entry) => entry.stage === stage && entry.output === output);
  if (found) return { project: run.project, sha256: found.artifact.sha256 };
  throw new VitrineError('NotFound', 'The run has no such output.', {
    where: `${run.project}/${run.runId}`,
    expected:
      artifacts.map((entry) => `${entry.stage}.${entry.output}`).join(', ') || 'a stage that has succeeded',
    actual: `${stage}.${output}`,
    hint: 'Name one of the outputs it has.',
  });
}

export function lineageLines({ sha256, upstream, downstream, truncated }: Lineage): string[] {
  return [
    sha256,
    ...section('Made by, nearest first:', upstream),
    ...section('What was made of it, nearest first:', downstream),
    ...(truncated ? ['There is more than is shown.'] : []),
  ];
}

function section(title: string, steps: readonly LineageStep[]): string[] {
  if (steps.length === 0) return [`${title} nothing`];
  return [
    title,
    ...steps.flatMap(({ runId, stage, kind, seed, codeVersion, inputs, outputs }) => [
      `  ${runId}.${stage}  ${kind}, seed ${seed}, code ${codeVersion.slice(0, 12)}`,
      ...inputs.map(({ name, type, sha256 }) => `    from ${name}  ${type} ${sha256.slice(0, 12)}`),
      ...outputs.map(({ name, type, sha256 }) => `    made ${name}  ${type} ${sha256.slice(0, 12)}`),
    ]),
  ];
}
