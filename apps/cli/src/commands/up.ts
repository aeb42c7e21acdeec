import type { Context } from '../context.js';
import { aborted, takeInterrupts } from '../interrupts.js';
import { describeError, toVitrineError } from '@vitrine/contracts';
import { EXIT } from '../exit-codes.js';
import { startDetached, type SupervisorMessage } from '../stack/detached.js';
import { Supervisor } from '../stack/supervisor.js';
import { untilUp } from '../stack/until-up.js';
import { printStatus } from './status.js';
import { tellStack } from './stack-progress.js';

/** `vitrine up`: the stack in the background, or in this terminal until Ctrl-C. */
export async function up(context: Context, { foreground }: { foreground: boolean }): Promise<number> {
  const { terminal } = context;
  terminal.line('Starting the local stack');
  if (foreground) return upInForeground(context);
  const interrupts = takeInterrupts();
  try {
    const outcome = await startDetached(context, { tell: tellStack(terminal), signal: interrupts.signal });
    if (outcome === 'busy') return await alreadyRunning(context, interrupts.signal);
    terminal.line();
    terminal.line(
      'The stack is up. Start a run with `npx vitrine run quick`, stop the stack with `npx vitrine down`.',
    );
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

async function upInForeground(context: Context): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  try {
    const supervisor = await Supervisor.start({
      config: context.config(),
      env: context.env,
      note: () => undefined,
      tell: tellStack(terminal),
      ...interrupts,
    });
    if ('holder' in supervisor) return await alreadyRunning(context, interrupts.signal);
    terminal.line('The stack is up until Ctrl-C.');
    await aborted(interrupts.signal);
    terminal.line('Stopping: the worker saves its work first');
    await supervisor.stop();
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

async function alreadyRunning(context: Context, signal: AbortSignal): Promise<number> {
  await untilUp(context.config().stateDir, signal);
  context.terminal.line('It is running already:');
  return printStatus(context, { json: false });
}

/** The hidden command: supervises in the background, and tells the command that started it how that goes. */
export async function supervise(context: Context): Promise<number> {
  const tellParent = (message: SupervisorMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const note = (line: string): void => context.terminal.aside(`${new Date().toISOString()} ${line}`);
  const interrupts = takeInterrupts();
  try {
    const supervisor = await Supervisor.start({
      config: context.config(),
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
