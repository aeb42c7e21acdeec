import { randomUUID } from 'node:crypto';
import type { RunView } from '@vitrine/contracts';
import type { RunName, SubmitOptions } from '../client/api-client.js';
import { apiClient, type Context } from '../context.js';
import { EXIT, exitCodeOfRun } from '../exit-codes.js';
import { takeInterrupts } from '../interrupts.js';
import { QUICK, quickRecipe, readPipeline, type PipelineOptions } from '../pipeline-file.js';
import { followRun } from '../progress/follow-run.js';
import { watchRun } from '../progress/watch.js';
import { builtProgramsVersion, requireCurrentCode } from '../stack/code-version.js';
import { printOutcome } from './outcome.js';

interface RunOptions extends PipelineOptions, SubmitOptions {
  readonly follow: boolean;
  readonly json: boolean;
}

/** `vitrine run`: submits a pipeline and follows it. */
export async function run(context: Context, file: string, options: RunOptions): Promise<number> {
  const { terminal } = context;
  const { stateDir, workspace } = context.config();
  const path = file === QUICK ? quickRecipe(workspace) : file;
  const spec = readPipeline(path, options);
  requireCurrentCode(stateDir, builtProgramsVersion(workspace));
  const started = await apiClient(context).submit(spec, randomUUID(), options);
  if (options.json && !options.follow) terminal.json(started);
  else if (!options.follow) terminal.line(`${started.project}/${started.runId}`);
  if (!options.follow) return EXIT.ok;
  return follow(context, started, { json: options.json });
}

/** Follows a run to its end. Ctrl-C leaves it alone: it goes on without being watched. */
export async function follow(context: Context, name: RunName, { json }: { json: boolean }): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  interrupts.force.addEventListener('abort', () => process.exit(EXIT.interrupted));
  try {
    const api = apiClient(context);
    const view = json
      ? await waitForEnd(context, name, interrupts.signal)
      : await watchRun(api, name, { terminal, signal: interrupts.signal });
    if (!view) {
      terminal.aside(
        `\nNo longer watching; the run goes on. Watch it again with \`npx vitrine show ${name.runId} --follow\`, stop it with \`npx vitrine cancel ${name.runId}\`.`,
      );
      return EXIT.interrupted;
    }
    if (json) terminal.json(view);
    else printOutcome(terminal, view);
    return exitCodeOfRun(view.status);
  } finally {
    interrupts.release();
  }
}

function waitForEnd(context: Context, name: RunName, signal: AbortSignal): Promise<RunView | undefined> {
  const silent = { show: () => undefined, notice: () => undefined, signal };
  return followRun(apiClient(context), name, silent);
}
