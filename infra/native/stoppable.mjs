import { constants } from 'node:os';

/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program that a signal ends in order: the work is told by its AbortSignal and waited for, then the process
 * leaves with the shell's code for the signal. A terminal and npm may both deliver one Ctrl-C, so later ones are ignored
 * while the work winds up.
 * @param {(signal: AbortSignal) => Promise<number>} work gives the exit code
 * @param {(error: unknown) => void} tell
 * @returns {Promise<void>}
 */
export async function stoppable(work, tell) {
  const stop = new AbortController();
  /** @type {NodeJS.Signals | undefined} */
  let received;
  for (const name of signals) {
    process.on(name, () => {
      received ??= name;
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  try {
    process.exitCode = await work(stop.signal);
  } catch (error) {
    process.exitCode = 1;
    if (received === undefined) tell(error);
  }
  if (received !== undefined) process.exitCode = 128 + constants.signals[received];
}
