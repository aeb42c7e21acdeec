import { VitrineError, type SweepCommand, type SweepEdit } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import { sweepClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatDuration, formatTime } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { findSweep } from './run-name.js';
import { printSweep, watchSweep } from './sweep.js';

/** `vitrine sweeps`. */
export async function sweeps(
  context: Context,
  { project = DEFAULT_PROJECT, json }: { project?: string; json: boolean },
): Promise<number> {
  const { terminal } = context;
  const list = await sweepClient(context).list(project);
  if (json) terminal.json(list);
  else if (list.sweeps.length === 0)
    terminal.line('No sweeps. Start one with `npx vitrine sweep infra/local/sweep.cifar10.yaml`.');
  else {
    const rows = list.sweeps.map(({ sweepId, status, submittedAt, endedAt }) => [
      sweepId,
      status,
      formatTime(submittedAt),
      endedAt === undefined ? '' : formatDuration((Date.parse(endedAt) - Date.parse(submittedAt)) / 1000),
    ]);
    for (const row of alignColumns([['SWEEP', 'STATUS', 'SUBMITTED (UTC)', 'TOOK'], ...rows]))
      terminal.line(row);
  }
  return EXIT.ok;
}

/** `vitrine sweep show`. */
export async function showSweep(
  context: Context,
  text: string,
  options: { json: boolean; follow: boolean },
): Promise<number> {
  const client = sweepClient(context);
  const name = await findSweep(client, text);
  if (options.follow) return watchSweep(context, name, options);
  const view = await client.view(name);
  if (options.json) context.terminal.json({ ...view, ...(await client.trials(name)) });
  else await printSweep(context, name, view);
  return EXIT.ok;
}

const TOLD: Readonly<Record<SweepCommand, string>> = {
  pause: 'is paused: its trials store a checkpoint and give their devices back.',
  resume: 'goes on, its trials from their checkpoints.',
  stop: 'is asked to stop; its trials store a checkpoint and end.',
};

/** `vitrine sweep pause`, `resume` and `stop`. */
export async function commandSweep(
  context: Context,
  text: string,
  { command, json }: { command: SweepCommand; json: boolean },
): Promise<number> {
  const client = sweepClient(context);
  const view = await client.command(await findSweep(client, text), command);
  if (json) context.terminal.json(view);
  else context.terminal.line(`${view.sweepId} ${TOLD[command]}`);
  return EXIT.ok;
}

export interface EditOptions {
  readonly parallelism?: number;
  readonly trials?: number;
  readonly wallSeconds?: number;
  readonly deviceSeconds?: number;
  readonly json: boolean;
}

/** `vitrine sweep edit`. */
export async function editSweep(
  context: Context,
  text: string,
  { json, parallelism, trials, wallSeconds, deviceSeconds }: EditOptions,
): Promise<number> {
  const budget = given({ trials, wallSeconds, deviceSeconds });
  const edit: SweepEdit = { ...given({ parallelism }), ...(Object.keys(budget).length > 0 && { budget }) };
  if (Object.keys(edit).length === 0)
    throw new VitrineError('InvalidRequest', 'There is nothing to change.', {
      where: 'vitrine sweep edit',
      expected: 'one of --parallelism, --trials, --wall-seconds, --device-seconds',
      actual: 'none',
    });
  const client = sweepClient(context);
  const view = await client.edit(await findSweep(client, text), edit);
  if (json) context.terminal.json(view);
  else
    context.terminal.line(
      `${view.sweepId}: ${view.parallelism} at a time, ${Object.entries(view.budget)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  return EXIT.ok;
}

function given(fields: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
