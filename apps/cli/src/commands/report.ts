import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { VitrineError, type ArtifactEntry } from '@vitrine/contracts';
import type { ApiClient, RunName } from '../client/api-client.js';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findRun } from './run-name.js';

interface ReportOptions {
  readonly output?: string;
  readonly open: boolean;
}

/** `vitrine report`: the page of a run as a file, opened in a browser if wished. */
export async function report(context: Context, text: string, options: ReportOptions): Promise<number> {
  const api = apiClient(context);
  const path = await saveReport(context, await findRun(api, text), options.output);
  context.terminal.line(path);
  if (options.open) openInBrowser(path);
  return EXIT.ok;
}

/**
 * Fetches the report of a run, checks its digest, and puts it in place whole.
 * @returns its path, by default `<state>/reports/<run id>.html`
 * @throws VitrineError NotFound when the run made none, ArtifactCorrupt
 */
export async function saveReport(context: Context, name: RunName, output?: string): Promise<string> {
  const api = apiClient(context);
  const entry = await findReport(api, name);
  const bytes = await api.artifact(entry);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.artifact.sha256)
    throw new VitrineError('ArtifactCorrupt', 'The report did not arrive as it was stored.', {
      where: entry.artifact.uri,
      expected: `sha256 ${entry.artifact.sha256}`,
      actual: `sha256 ${sha256}`,
    });
  const path = resolve(output ?? join(context.config().stateDir, 'reports', `${name.runId}.html`));
  writeWhole(path, bytes);
  return path;
}

async function findReport(api: ApiClient, name: RunName): Promise<ArtifactEntry> {
  const { artifacts } = await api.artifacts(name);
  const found = artifacts.find(({ artifact }) => artifact.type === 'report');
  if (found) return found;
  throw new VitrineError('NotFound', 'The run has no report.', {
    where: `${name.project}/${name.runId}`,
    expected: 'a stage of kind report that has succeeded',
    actual:
      artifacts.length === 0
        ? 'no outputs at all'
        : artifacts.map(({ stage, output }) => `${stage}.${output}`).join(', '),
    hint: 'See how far the run is with `npx vitrine show`.',
  });
}

function writeWhole(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, bytes);
    renameSync(`${path}.${process.pid}`, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new VitrineError(
      code === 'ENOSPC' ? 'DiskFull' : 'InvalidRequest',
      'The report cannot be written.',
      {
        where: path,
        expected: 'a place this user may write to',
        actual: code ?? String(cause),
        hint: 'Name another file with --output.',
        cause,
      },
    );
  }
}

/** Leaves it at the path that has been printed when there is nothing to open it with. */
function openInBrowser(path: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(command, [path], { detached: true, stdio: 'ignore' });
  child.once('error', () => undefined);
  child.unref();
}
