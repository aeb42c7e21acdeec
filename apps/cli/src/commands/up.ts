import type { Context } from '../context.js';
import { aborted, takeInterrupts } from '../interrupts.js';
import { readStackFile } from '@vitrine/config';
import { describeError, toVitrineError } from '@vitrine/contracts';
import { EXIT } from '../exit-codes.js';
import { startDetached, type SupervisorMessage } from '../stack/detached.js';
import { Supervisor } from '../stack/supervisor.js';
import { untilUp } from '../stack/until-up.js';
import { printStatus } from './status.js';
import { tellStack } from './stack-progress.js';

interface UpOptions {
  readonly foreground: boolean;
  readonly monitoring: boolean;
}

/** `vitrine up`: the stack in the background, or in this terminal until Ctrl-C. */
export async function up(context: Context, { foreground, monitoring }: UpOptions): Promise<number> {
  const { terminal } = context;
  terminal.line('Starting the local stack');
  if (foreground) return upInForeground(context, monitoring);
  const interrupts = takeInterrupts();
  try {
    const outcome = await startDetached(context, {
      monitoring,
      tell: tellStack(terminal),
      signal: interrupts.signal,
    });
    if (outcome === 'busy') return await alreadyRunning(context, { monitoring, signal: interrupts.signal });
    terminal.line();
    terminal.line(
      'The stack is up. Start a run with `npx vitrine run quick`, stop the stack with `npx vitrine down`.',
    );
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

async function upInForeground(context: Context, monitoring: boolean): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  try {
    const supervisor = await Supervisor.start({
      config: context.config(),
      monitoring,
      env: context.env,
      note: () => undefined,
      tell: tellStack(terminal),
      ...interrupts,
    });
    if ('holder' in supervisor)
      return await alreadyRunning(context, { monitoring, signal: interrupts.signal });
    terminal.line('The stack is up until Ctrl-C.');
    await aborted(interrupts.signal);
    terminal.line('Stopping: the worker saves its work first');
    await supervisor.stop();
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

async function alreadyRunning(
  context: Context,
  { monitoring, signal }: { monitoring: boolean; signal: AbortSignal },
): Promise<number> {
  const { stateDir } = context.config();
  await untilUp(stateDir, signal);
  if (monitoring && readStackFile(stateDir)?.prometheus === undefined) {
    context.terminal.line(
      'It is running already, without monitoring: stop it with `npx vitrine down`, then start it with --monitoring.',
    );
    return EXIT.failed;
  }
  context.terminal.line('It is running already:');
  return printStatus(context, { json: false });
}

/** The hidden command: supervises in the background, and tells the command that started it how that goes. */
export async function supervise(context: Context, { monitoring }: { monitoring: boolean }): Promise<number> {
  const tellParent = (message: SupervisorMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const note = (line: string): void => context.terminal.aside(`${new Date().toISOString()} ${line}`);
  const interrupts = takeInterrupts();
  try {
    const supervisor = await Supervisor.start({
      config: context.config(),
      monitoring,
      env: context.env,
      note,
      tell: (progress) => tellParent({ type: 'progress', progress }),
      ...interrupts,
    });
    if ('holder' in supervisor) {
      tellParent({ type: 'busy' });
      return EXIT.ok;
    }
    note('the stack is up');
    tellParent({ type: 'ready' });
    await aborted(interrupts.signal);
    note('asked to stop');
    await supervisor.stop();
    note('the stack has ended');
    return EXIT.ok;
  } catch (error) {
    const view = toVitrineError(error).toView();
    note(describeError(view));
    tellParent({ type: 'failed', error: view });
    return EXIT.failed;
  }
}
