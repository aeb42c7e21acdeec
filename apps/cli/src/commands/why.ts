import type { PoolList, PoolView, RunView, WaitingForPool } from '@vitrine/contracts';
import type { PoolClient } from '../client/pool-client.js';
import { apiClient, poolClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { whyLines } from '../progress/pool-lines.js';
import { findRun } from './run-name.js';

/** Why a stage of a run has not begun. */
interface Wait {
  readonly stage: string;
  readonly why: string;
  /** Of a stage whose pool has a policy. */
  readonly pool?: WaitingForPool;
}

/** `vitrine why`. */
export async function why(context: Context, text: string, { json }: { json: boolean }): Promise<number> {
  const { terminal } = context;
  const api = apiClient(context);
  const view = await api.view(await findRun(api, text));
  const waits = await waitsOf(view, poolClient(context));
  if (json) terminal.json({ project: view.project, runId: view.runId, status: view.status, waits });
  else if (waits.length === 0)
    terminal.line(view.status === 'running' ? 'No stage waits.' : `The run has ended: ${view.status}.`);
  else
    for (const { stage, why: reason, pool } of waits)
      for (const line of pool ? whyLines(pool, Date.now()) : [`${stage}: ${reason}`]) terminal.line(line);
  return EXIT.ok;
}

async function waitsOf(view: RunView, client: PoolClient): Promise<Wait[]> {
  const queued = Object.values(view.stages).filter(({ state }) => state === 'queued');
  const { pools } = queued.length > 0 ? await client.list() : { pools: [] };
  const names = new Set(queued.map(({ pool }) => pool));
  const views = new Map<string, PoolView>();
  for (const { pool, hasPolicy } of pools)
    if (hasPolicy && names.has(pool)) views.set(pool, await client.view(pool));
  return Object.entries(view.stages).flatMap(([stage, status]): Wait[] => {
    const ask = views
      .get(status.pool)
      ?.waiting.find(
        (waiting) =>
          waiting.project === view.project && waiting.runId === view.runId && waiting.stage === stage,
      );
    if (ask) return [{ stage, why: ask.why, pool: ask }];
    const reason = reasonOf(status, view, pools);
    return reason === undefined ? [] : [{ stage, why: reason }];
  });
}

function reasonOf(
  { state, pool, needs, waitsFor }: RunView['stages'][string],
  { stages }: RunView,
  pools: PoolList['pools'],
): string | undefined {
  if (state === 'held') return 'It waits for an approval: `vitrine approve`.';
  if (waitsFor)
    return `Run ${waitsFor.runId}, stage ${waitsFor.stage}, computes the same; its result is waited for.`;
  if (state === 'waiting') {
    const open = needs.filter((need) => stages[need]?.state !== 'succeeded');
    return open.length > 0 ? `It needs ${open.join(', ')}.` : undefined;
  }
  if (state !== 'queued') return undefined;
  const known = pools.find((listed) => listed.pool === pool);
  if (!known) return `Pool ${pool} is none of this machine's; it waits until a worker serves it.`;
  if (!known.hasWorkers) return `No worker serves pool ${pool}.`;
  return `Pool ${pool} serves who comes first, and about ${known.waiting} stages wait for a device.`;
}
