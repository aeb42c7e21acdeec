import type { PoolView, WaitingForPool } from '@vitrine/contracts';
import { formatDuration } from './format.js';
import { alignColumns } from './results-table.js';

const WAITING_SHOWN = 30;

/** A pool with a policy: its workers, projects, who holds what, and who waits for what. */
export function poolLines(
  { pool, workers, projects, held, waiting, waitingTotal }: PoolView,
  now: number,
): string[] {
  const devices = workers.reduce((sum, worker) => sum + worker.devices, 0);
  const busy = workers.reduce((sum, worker) => sum + worker.held, 0);
  const since = (at: string): string => formatDuration(Math.max(0, now - Date.parse(at)) / 1000);
  const lines = [`Pool ${pool}: ${busy} of ${devices} devices held, ${waitingTotal} waiting`];
  if (workers.length > 0)
    lines.push(
      '',
      ...alignColumns([
        ['WORKER', 'HELD', 'SEEN'],
        ...workers.map(({ worker, devices: own, held: used, draining, seenAt }) => [
          worker,
          `${used} of ${own}${draining ? ', drains' : ''}`,
          `${since(seenAt)} ago`,
        ]),
      ]),
    );
  if (projects.length > 0)
    lines.push(
      '',
      ...alignColumns([
        ['PROJECT', 'HELD', 'WAITING', 'USED (DEVICE-S)', 'LOST', 'SHARE'],
        ...projects.map((project) => [
          project.project,
          String(project.held),
          String(project.waiting),
          project.usedDeviceSeconds.toFixed(0),
          project.lostDeviceSeconds.toFixed(0),
          project.share.toFixed(2),
        ]),
      ]),
    );
  if (held.length > 0)
    lines.push(
      '',
      ...alignColumns([
        ['HELD BY', 'DEVICES', 'WORKER', 'FOR'],
        ...held.map((lease) => [
          `${lease.project}/${lease.runId} ${lease.stage}`,
          String(lease.devices),
          lease.worker,
          `${since(lease.since)}${lease.yielding ? ', gives way' : ''}`,
        ]),
      ]),
    );
  if (waiting.length > 0)
    lines.push('', ...waiting.slice(0, WAITING_SHOWN).flatMap((ask) => whyLines(ask, now)));
  if (waitingTotal > WAITING_SHOWN) lines.push(`… and ${waitingTotal - WAITING_SHOWN} more`);
  return lines;
}

/** Why one stage waits. */
export function whyLines(ask: WaitingForPool, now: number): string[] {
  const begins =
    ask.expectedAt === undefined
      ? ''
      : `, may begin in ${formatDuration(Math.max(0, Date.parse(ask.expectedAt) - now) / 1000)}`;
  return [
    `${ask.position}. ${ask.project}/${ask.runId} ${ask.stage}: ${ask.why}${begins}`,
    ...ask.heldBy.map(
      ({ project, runId, stage, devices }) => `   ${devices} held by ${project}/${runId} ${stage}`,
    ),
  ];
}
