import { randomUUID } from 'node:crypto';
import { describeError, type SweepView, type TrialView } from '@vitrine/contracts';
import type { SweepName } from '../client/sweep-client.js';
import { sweepClient, type Context } from '../context.js';
import { EXIT, exitCodeOfSweep } from '../exit-codes.js';
import { takeInterrupts } from '../interrupts.js';
import { readSweep } from '../pipeline-file.js';
import { followSweep, type SweepFollower } from '../progress/follow-sweep.js';
import { PlainSweep } from '../progress/plain-sweep.js';
import { printable } from '../progress/style.js';
import { sweepLines } from '../progress/sweep-lines.js';
import { builtProgramsVersion, requireCurrentCode } from '../stack/code-version.js';
import type { Terminal } from '../terminal.js';

interface StartOptions {
  readonly set: readonly string[];
  readonly follow: boolean;
  readonly json: boolean;
}

/** `vitrine sweep FILE`: submits a sweep and follows it. */
export async function startSweep(context: Context, file: string, options: StartOptions): Promise<number> {
  const { terminal } = context;
  const { follow, json, set } = options;
  const { stateDir, workspace } = context.config();
  const spec = readSweep(file, set);
  requireCurrentCode(stateDir, builtProgramsVersion(workspace));
  const started = await sweepClient(context).submit(spec, randomUUID());
  if (follow) return watchSweep(context, started, { json });
  if (json) terminal.json(started);
  else terminal.line(`${started.project}/${started.sweepId}`);
  return EXIT.ok;
}

/** Trials that are shown of a sweep that has ended, or is looked at once. */
const SHOWN = 20;

/** Follows a sweep to its end. Ctrl-C leaves it alone: it goes on without being watched. */
export async function watchSweep(
  context: Context,
  name: SweepName,
  { json }: { json: boolean },
): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  interrupts.force.addEventListener('abort', () => process.exit(EXIT.interrupted));
  try {
    const painter = json ? SILENT : terminal.live ? liveSweep(terminal) : plainSweep(terminal);
    const view = await followSweep(sweepClient(context), name, { ...painter, signal: interrupts.signal });
    if (!view) {
      terminal.aside(
        `\nNo longer watching; the sweep goes on. Watch it again with \`npx vitrine sweep show ${name.sweepId} --follow\`, stop it with \`npx vitrine sweep stop ${name.sweepId}\`.`,
      );
      return EXIT.interrupted;
    }
    if (json) terminal.json(view);
    else await printSweep(context, name, view);
    return exitCodeOfSweep(view.status);
  } finally {
    interrupts.release();
  }
}

/** A sweep as it stands now, with its best trials. */
export async function printSweep(context: Context, name: SweepName, view: SweepView): Promise<void> {
  const { terminal } = context;
  const { trials } = await sweepClient(context).trials(name);
  const width = terminal.live ? terminal.width : Infinity;
  const lines = sweepLines(view, trials, { ...terminal.style, width, now: Date.now(), most: SHOWN });
  if (terminal.live) {
    // Over what was drawn while it was followed.
    terminal.screen.draw(lines);
    terminal.screen.leave();
  } else for (const line of lines) terminal.line(line);
  if (view.error) terminal.line(printable(describeError(view.error)));
}

const SILENT = { show: () => undefined, notice: () => undefined };

function liveSweep(terminal: Terminal): Omit<SweepFollower, 'signal'> {
  return {
    show: (view, trials) => {
      // What has scrolled out cannot be drawn over.
      const most = Math.max(1, terminal.height - 14);
      const options = { ...terminal.style, width: terminal.width, now: Date.now(), most };
      terminal.screen.draw(sweepLines(view, trials, options).slice(0, terminal.height - 1));
    },
    notice: (text) => terminal.screen.above(text.slice(0, terminal.width)),
  };
}

function plainSweep(terminal: Terminal): Omit<SweepFollower, 'signal'> {
  const lines = new PlainSweep();
  return {
    show: (view: SweepView, trials: readonly TrialView[]) => {
      for (const line of lines.update(view, trials)) terminal.line(printable(line));
    },
    notice: (text) => terminal.line(`  ! ${text}`),
  };
}
