import type { LogLine, LogPage, RunEvent } from '@vitrine/contracts';
import type { RunLog } from './run-log.js';

export interface LogQuery {
  readonly stage?: string | undefined;
  readonly after: number;
  readonly limit: number;
}

/** One page of what stages logged; attempts and ends of stages are told among it, since they explain the rest. */
export async function readLogPage(
  log: Pick<RunLog, 'read'>,
  { stage, after, limit }: LogQuery,
): Promise<LogPage> {
  const lines: LogLine[] = [];
  let next = after;
  for await (const { sequence, event } of log.read(after)) {
    next = sequence;
    const said = lineOf(event);
    if (!said || (stage !== undefined && event.stage !== stage)) continue;
    lines.push({ sequence, at: event.at, stage: event.stage, ...said });
    if (lines.length === limit) return { lines, next, more: true };
  }
  return { lines, next, more: false };
}

function lineOf(event: RunEvent): Pick<LogLine, 'level' | 'message'> | undefined {
  switch (event.type) {
    case 'log':
      return { level: event.level, message: event.message };
    case 'attempt': {
      const from = event.resumedFromStep > 0 ? `, resumes from step ${event.resumedFromStep}` : '';
      return { level: 'info', message: `attempt ${event.epoch} on ${event.worker}${from}` };
    }
    case 'stage':
      return event.error
        ? { level: 'error', message: `${event.state}: ${event.error.code}: ${event.error.message}` }
        : { level: 'info', message: event.state };
    case 'progress':
    case 'checkpoint':
      return undefined;
  }
}
