import { randomUUID } from 'node:crypto';
import {
  backfillRequestSchema,
  fieldPath,
  formatIssues,
  VitrineError,
  type ScheduleView,
} from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ScheduleName } from '../client/schedule-client.js';
import { scheduleClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { readSchedule } from '../pipeline-file.js';
import { formatTime } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { scheduleLines } from '../progress/schedule-lines.js';
import { printable } from '../progress/style.js';
import { nameIn } from './run-name.js';

interface Json {
  readonly json: boolean;
}

/** `vitrine schedule FILE`. */
export async function createSchedule(
  context: Context,
  file: string,
  { set, paused, json }: Json & { readonly set: readonly string[]; readonly paused?: string },
): Promise<number> {
  const view = await scheduleClient(context).create(readSchedule(file, set), paused);
  return show(context, view, json);
}

/** `vitrine schedule edit FILE`: the schedule is the one that the file names. */
export async function editSchedule(
  context: Context,
  file: string,
  { set, json }: Json & { readonly set: readonly string[] },
): Promise<number> {
  return show(context, await scheduleClient(context).edit(readSchedule(file, set)), json);
}

/** `vitrine schedules`. */
export async function schedules(
  context: Context,
  { project = DEFAULT_PROJECT, json }: Json & { readonly project?: string },
): Promise<number> {
  const { terminal } = context;
  const list = await scheduleClient(context).list(project);
  if (json) terminal.json(list);
  else if (list.schedules.length === 0)
    terminal.line('No schedules. Make one with `npx vitrine schedule infra/local/schedule.yaml`.');
  else {
    const time = (at: string | undefined): string => (at === undefined ? '' : formatTime(at));
    const rows = list.schedules.map(({ name, paused, note, next, last }) => [
      name,
      paused ? 'paused' : 'on',
      time(next),
      time(last),
      printable(note),
    ]);
    for (const row of alignColumns([['SCHEDULE', 'STATE', 'NEXT (UTC)', 'LAST (UTC)', 'NOTE'], ...rows]))
      terminal.line(row);
  }
  return EXIT.ok;
}

/** `vitrine schedule show`. */
export async function showSchedule(context: Context, text: string, { json }: Json): Promise<number> {
  return show(context, await scheduleClient(context).view(scheduleOf(text)), json);
}

/** `vitrine schedule pause` and `resume`. */
export async function noteSchedule(
  context: Context,
  text: string,
  { command, note, json }: Json & { readonly command: 'pause' | 'resume'; readonly note: string },
): Promise<number> {
  return show(context, await scheduleClient(context).note(scheduleOf(text), command, note), json);
}

/** `vitrine schedule trigger`. */
export async function triggerSchedule(context: Context, text: string, { json }: Json): Promise<number> {
  const view = await scheduleClient(context).trigger(scheduleOf(text), randomUUID());
  if (json) context.terminal.json(view);
  else
    context.terminal.line(`${view.name} starts now; \`npx vitrine schedule show ${view.name}\` says what.`);
  return EXIT.ok;
}

/** `vitrine schedule delete`. */
export async function deleteSchedule(context: Context, text: string, { json }: Json): Promise<number> {
  const view = await scheduleClient(context).remove(scheduleOf(text));
  if (json) context.terminal.json(view);
  else context.terminal.line(`${view.name} is deleted; what it has started goes on.`);
  return EXIT.ok;
}

export interface BackfillOptions extends Json {
  readonly from: string;
  readonly until: string;
  readonly overlap?: string;
  readonly dryRun: boolean;
}

/** `vitrine schedule backfill`. */
export async function backfillSchedule(
  context: Context,
  text: string,
  { json, ...asked }: BackfillOptions,
): Promise<number> {
  const request = backfillRequestSchema.safeParse(asked);
  if (!request.success)
    throw new VitrineError('InvalidRequest', 'The backfill is not what it should be.', {
      where: request.error.issues.map(({ path }) => `--${fieldPath(path)}`).join(', '),
      actual: formatIssues(request.error.issues, asked),
      hint: 'Give times such as 2026-03-28T00:00:00Z.',
    });
  const { terminal } = context;
  const done = await scheduleClient(context).backfill(scheduleOf(text), request.data, randomUUID());
  if (json) terminal.json(done);
  else {
    const { times, start, dryRun, name } = done;
    const what = `${start.kind === 'retrain' ? 're-training' : 'pipeline'} ${start.pipeline}: ${start.stages.join(', ')}`;
    terminal.line(`${name}: ${times.length} ${times.length === 1 ? 'time' : 'times'}, each the ${what}`);
    for (const at of times) terminal.line(`  ${at}`);
    terminal.line(dryRun ? 'Nothing is started: this was a dry run.' : 'They are started.');
  }
  return EXIT.ok;
}

function show({ terminal }: Context, view: ScheduleView, json: boolean): number {
  if (json) terminal.json(view);
  else for (const line of scheduleLines(view)) terminal.line(printable(line));
  return EXIT.ok;
}

function scheduleOf(text: string): ScheduleName {
  const { project, id: name } = nameIn(text, { argument: 'SCHEDULE', what: 'schedule', list: 'schedules' });
  return { project, name };
}
