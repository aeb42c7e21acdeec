import type { RunSummary } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { boardLines } from '../progress/board-lines.js';
import { formatDuration, formatTime } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { findRun } from './run-name.js';
import { printComparison } from './ablate.js';
import { printOutcome } from './outcome.js';
import { follow } from './run.js';

interface ListOptions {
  readonly project?: string;
  readonly status?: string;
  readonly limit: string;
  readonly json: boolean;
}

/** `vitrine runs`. */
export async function runs(context: Context, { json, ...query }: ListOptions): Promise<number> {
  const { terminal } = context;
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const list = await apiClient(context).list(Object.fromEntries(given));
  if (json) {
    terminal.json(list);
    return EXIT.ok;
  }
  if (list.runs.length === 0) {
    terminal.line('No runs. Start one with `npx vitrine run quick`.');
    return EXIT.ok;
  }
  const rows = list.runs.map((summary) => [
    summary.runId,
    summary.status,
    formatTime(summary.submittedAt),
    duration(summary),
  ]);
  for (const row of alignColumns([['RUN', 'STATUS', 'SUBMITTED (UTC)', 'TOOK'], ...rows])) terminal.line(row);
  if (list.nextCursor !== undefined) terminal.line(`There are more: --cursor ${list.nextCursor}`);
  return EXIT.ok;
}

function duration({ submittedAt, endedAt }: RunSummary): string {
  if (endedAt === undefined) return '';
  return formatDuration((Date.parse(endedAt) - Date.parse(submittedAt)) / 1000);
}

/** `vitrine show`. */
export async function show(
  context: Context,
  text: string,
  options: { json: boolean; follow: boolean },
): Promise<number> {
  const { terminal } = context;
  const api = apiClient(context);
  const name = await findRun(api, text);
  if (options.follow) return follow(context, name, options);
  const view = await api.view(name);
  if (options.json) {
    terminal.json(view);
    return EXIT.ok;
  }
  const style = { ...terminal.style, width: terminal.width, now: Date.now() };
  for (const line of boardLines(view, style)) terminal.line(line);
  if (view.status !== 'running') {
    printOutcome(terminal, view);
    await printComparison(context, view);
  }
  return EXIT.ok;
}

/** `vitrine cancel`. */
export async function cancel(context: Context, text: string, { json }: { json: boolean }): Promise<number> {
  const { terminal } = context;
  const api = apiClient(context);
  const view = await api.cancel(await findRun(api, text));
  if (json) terminal.json(view);
  else terminal.line(`${view.runId} is asked to stop; its stages save a checkpoint and end.`);
  return EXIT.ok;
}
