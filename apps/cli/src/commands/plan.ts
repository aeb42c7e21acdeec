import type { Forecast, Interval, PlannedPool, PlannedStage, RunPlanView } from '@vitrine/contracts';
import type { SubmitOptions } from '../client/api-client.js';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { QUICK, quickRecipe, readPipeline, type PipelineOptions } from '../pipeline-file.js';
import { formatBytes, formatDuration } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { printable } from '../progress/style.js';

interface PlanOptions extends PipelineOptions, SubmitOptions {
  readonly json: boolean;
}

/** `vitrine plan`: what a run would find, compute, take and wait for. Starts nothing. */
export async function plan(context: Context, file: string, options: PlanOptions): Promise<number> {
  const { terminal } = context;
  const path = file === QUICK ? quickRecipe(context.config().workspace) : file;
  const planned = await apiClient(context).plan(readPipeline(path, options), options);
  if (options.json) terminal.json(planned);
  else for (const line of planLines(planned)) terminal.line(printable(line));
  return EXIT.ok;
}

export function planLines({ stages, total, pools }: RunPlanView): string[] {
  const rows = stages.map((stage) => [stage.stage, stage.kind, ...figures(stage), why(stage)]);
  const sums = [
    `${total.found} of ${stages.length} stages found, ${total.computed} to compute: ${interval(total.seconds, formatDuration)} at best, ${interval(total.deviceSeconds, formatDuration)} of devices, ${interval(total.bytes, formatBytes)}.`,
    ...(total.withoutHistory > 0
      ? [`${total.withoutHistory} of them without history, which these figures leave out.`]
      : []),
  ];
  return [
    ...alignColumns([['STAGE', 'KIND', 'TIME', 'WRITES', 'WHY'], ...rows]),
    '',
    ...sums,
    ...pools.flatMap(waits),
  ];
}

function figures({ outcome, forecast }: PlannedStage): [string, string] {
  if (outcome === 'found' || outcome === 'skipped') return [outcome, ''];
  if (!forecast) return ['no history', ''];
  return [interval(forecast.seconds, formatDuration), interval(forecast.bytes, formatBytes)];
}

function why({ outcome, from, reason, forecast, elements }: PlannedStage): string {
  if (outcome === 'found' && elements) return `all ${elements.total} elements were found`;
  if (outcome === 'found') return `computed by run ${from?.runId ?? '?'}, stage ${from?.stage ?? '?'}`;
  return `${outcome}: ${reason ?? '?'}${forecast ? `; time from ${basis(forecast)}` : ''}`;
}

function basis({ samples, differences }: Forecast): string {
  const stages = samples === 1 ? '1 stage' : `${samples} stages`;
  return differences === 0 ? `${stages} like it` : `${stages} that differ in ${differences} parameters`;
}

function waits({ pool, hasWorkers, waiting }: PlannedPool): string[] {
  if (!hasWorkers) return [`Pool ${pool} has no worker: its stages wait until one is started.`];
  return waiting > 0 ? [`Pool ${pool} is busy: about ${waiting} stages wait for it already.`] : [];
}

/** The middle, and between which bounds eight in ten lie. */
function interval({ low, median, high }: Interval, format: (value: number) => string): string {
  const [least, middle, most] = [low, median, high].map(format);
  return least === most ? `${middle}` : `${middle} (${least} to ${most})`;
}
