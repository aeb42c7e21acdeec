import type { SweepReplay } from '@vitrine/contracts';
import { sweepClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { assign } from '../pipeline-file.js';
import { formatDuration, formatPercent } from '../progress/format.js';
import { numberText } from '../progress/sweep-lines.js';
import { findSweep } from './run-name.js';

interface ReplayOptions {
  readonly scheduler: string;
  /** `eta=2`: fields of the scheduler. */
  readonly set: readonly string[];
  readonly parallelism?: number;
  readonly json: boolean;
}

/** `vitrine sweep replay`: what another scheduler would have saved and lost. Uses no device. */
export async function replaySweep(
  context: Context,
  text: string,
  { scheduler, set, parallelism, json }: ReplayOptions,
): Promise<number> {
  const { terminal } = context;
  const client = sweepClient(context);
  const name = await findSweep(client, text);
  const asked = set.reduce(assign, { kind: scheduler });
  const replayed = await client.replay(name, {
    scheduler: asked,
    ...(parallelism !== undefined && { parallelism }),
  });
  if (json) terminal.json(replayed);
  else for (const line of replayLines(replayed)) terminal.line(line);
  return EXIT.ok;
}

export function replayLines(replay: SweepReplay): string[] {
  const { sweepId, metric, trials, recorded, replayed, estimated } = replay;
  return [
    `${sweepId}: ${trials} trials under ${replayed.scheduler} instead of ${recorded.scheduler}`,
    `  device time  ${formatDuration(replayed.deviceSeconds)} instead of ${formatDuration(recorded.deviceSeconds)}: ${saved(replay)}`,
    `  best         ${metric} ${best(replayed)} instead of ${best(recorded)}${lost(replay)}`,
    ...(estimated > 0
      ? [
          `  ${estimated} reports were never recorded: they count with the last value and the last rate of time of their trials.`,
        ]
      : []),
  ];
}

function saved({ savedDeviceSeconds: seconds, recorded }: SweepReplay): string {
  const share =
    recorded.deviceSeconds > 0 ? ` (${formatPercent(Math.abs(seconds) / recorded.deviceSeconds)})` : '';
  return `would have ${seconds < 0 ? 'cost' : 'saved'} ${formatDuration(Math.abs(seconds))}${seconds < 0 ? ' more' : ''}${share}`;
}

function lost({ lost: amount }: SweepReplay): string {
  if (amount === undefined) return '';
  if (amount === 0) return ': would have lost nothing';
  return `: would have ${amount < 0 ? 'gained' : 'lost'} ${numberText(Math.abs(amount))}`;
}

function best({ best: found }: SweepReplay['recorded']): string {
  if (!found) return 'none';
  return `${numberText(found.value)} (trial ${found.trial} at ${found.resource})`;
}
