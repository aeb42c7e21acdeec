import type { RunView } from '@vitrine/contracts';
import type { RunName } from '../client/api-client.js';
import { apiClient, type Context } from '../context.js';
import { EXIT, exitCodeOfRun } from '../exit-codes.js';
import { takeInterrupts, type Interrupts } from '../interrupts.js';
import { quickRecipe, readPipeline, type PipelineOptions } from '../pipeline-file.js';
import { formatDuration } from '../progress/format.js';
import { paint } from '../progress/style.js';
import { watchRun } from '../progress/watch.js';
import { resumeOrSubmit, type Decision } from '../quickstart/unfinished.js';
import { builtCodeVersion, builtProgramsVersion, requireCurrentCode } from '../stack/code-version.js';
import { startDetached } from '../stack/detached.js';
import { Supervisor } from '../stack/supervisor.js';
import { untilUp } from '../stack/until-up.js';
import { printOutcome } from './outcome.js';
import { saveReport } from './report.js';
import { tellStack } from './stack-progress.js';

interface QuickstartOptions extends PipelineOptions {
  /** Leave the stack running at the end. */
  readonly keep: boolean;
}

/** What has to be undone at the end. */
type Stack = { stop(): Promise<void> } | undefined;

/** `vitrine quickstart`: stack, quick pipeline, live progress, report; then everything is stopped again. */
export async function quickstart(context: Context, options: QuickstartOptions): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  let stack: Stack;
  try {
    const began = Date.now();
    const spec = readPipeline(quickRecipe(context.config().workspace), options);
    terminal.line('Starting the local stack');
    stack = await startStack(context, options, interrupts);
    terminal.line(`The stack is up after ${formatDuration((Date.now() - began) / 1000)}`);
    terminal.line();
    const { stateDir, workspace } = context.config();
    const codeVersion = builtCodeVersion(workspace);
    requireCurrentCode(stateDir, builtProgramsVersion(workspace));
    const wanted = { spec, codeVersion: codeVersion ?? 'not built' };
    const decision = await resumeOrSubmit(apiClient(context), stateDir, wanted);
    tellDecision(context, decision);
    const view = await watchRun(apiClient(context), decision.run, { terminal, signal: interrupts.signal });
    if (!view) return await interrupted(context, stack);
    await conclude(context, decision.run, view);
    if (stack) terminal.line('Stopping the stack');
    await stack?.stop();
    tellNext(context, view, options.keep || !stack);
    return exitCodeOfRun(view.status);
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    return await interrupted(context, stack);
  } finally {
    await stack?.stop();
    interrupts.release();
  }
}

async function startStack(
  context: Context,
  { keep }: QuickstartOptions,
  interrupts: Interrupts,
): Promise<Stack> {
  const { terminal } = context;
  const { stateDir } = context.config();
  const tell = tellStack(terminal);
  if (keep) {
    const outcome = await startDetached(context, { monitoring: false, tell, signal: interrupts.signal });
    if (outcome === 'busy') await untilUp(stateDir, interrupts.signal);
    return undefined;
  }
  const supervisor = await Supervisor.start({
    config: context.config(),
    monitoring: false,
    env: context.env,
    note: () => undefined,
    tell,
    ...interrupts,
  });
  if (!('holder' in supervisor)) return supervisor;
  terminal.line('  It is running already, and stays so');
  await untilUp(stateDir, interrupts.signal);
  return undefined;
}

function tellDecision({ terminal }: Context, decision: Decision): void {
  if (decision.kind === 'resumed') terminal.line('Going on with the run that was interrupted');
  if (decision.kind === 'replaced')
    terminal.line(`The interrupted run is cancelled, since ${decision.because}; a new one starts`);
}

async function interrupted(context: Context, stack: Stack): Promise<number> {
  const { terminal } = context;
  terminal.line();
  terminal.line('Stopping; the worker saves a checkpoint first. Again Ctrl-C kills it.');
  await stack?.stop();
  terminal.line(
    'Everything that was started has ended. A second start finds the state again and goes on with the run.',
  );
  return EXIT.interrupted;
}

async function conclude(context: Context, run: RunName, view: RunView): Promise<void> {
  const { terminal } = context;
  printOutcome(terminal, view);
  if (view.status !== 'succeeded') return;
  const path = await saveReport(context, run);
  terminal.line();
  terminal.line(`Report: ${paint(path, 'bold', terminal.style)}`);
}

function tellNext({ terminal }: Context, view: RunView, running: boolean): void {
  const commands = [
    ...(running ? [] : [['npx vitrine up', 'start the stack in the background']]),
    ['npx vitrine run quick --seed 1', 'another run'],
    ['npx vitrine run my-pipeline.yaml', 'your own pipeline; see infra/local/quick.yaml'],
    [`npx vitrine logs ${view.runId}`, 'what the stages said'],
    ...(running ? [['npx vitrine down', 'stop the stack']] : []),
  ] as const;
  const width = Math.max(...commands.map(([command = '']) => command.length));
  terminal.line();
  terminal.line('Next:');
  for (const [command = '', what = ''] of commands) terminal.line(`  ${command.padEnd(width)}  ${what}`);
}
