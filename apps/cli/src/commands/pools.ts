import type { PoolView } from '@vitrine/contracts';
import { poolClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { readDocument } from '../pipeline-file.js';
import { poolLines } from '../progress/pool-lines.js';
import { alignColumns } from '../progress/results-table.js';
import type { Terminal } from '../terminal.js';

interface Flags {
  readonly json: boolean;
}

/** `vitrine pools`. */
export async function listPools(context: Context, { json }: Flags): Promise<number> {
  const { terminal } = context;
  const list = await poolClient(context).list();
  if (json) terminal.json(list);
  else {
    const rows = list.pools.map(({ pool, hasWorkers, waiting, hasPolicy }) => [
      pool,
      hasWorkers ? 'yes' : 'no',
      hasPolicy ? 'by its policy' : 'who comes first',
      hasPolicy ? 'see `vitrine pools show`' : `${waiting} about`,
    ]);
    for (const row of alignColumns([['POOL', 'WORKERS', 'SERVES', 'WAITING'], ...rows])) terminal.line(row);
  }
  return EXIT.ok;
}

/** `vitrine pools show`. */
export async function showPool(context: Context, pool: string, { json }: Flags): Promise<number> {
  print(context.terminal, await poolClient(context).view(pool), json);
  return EXIT.ok;
}

/** `vitrine pools set`. */
export async function setPool(
  context: Context,
  { pool, file, json }: Flags & { readonly pool: string; readonly file: string },
): Promise<number> {
  print(context.terminal, await poolClient(context).set(pool, readDocument(file)), json);
  return EXIT.ok;
}

/** `vitrine pools unset`. */
export async function unsetPool(context: Context, pool: string): Promise<number> {
  await poolClient(context).unset(pool);
  context.terminal.line(`Pool ${pool} serves who comes first.`);
  return EXIT.ok;
}

/** `vitrine pools drain`. */
export async function drainWorker(
  context: Context,
  {
    pool,
    worker,
    undo,
    json,
  }: Flags & { readonly pool: string; readonly worker: string; readonly undo: boolean },
): Promise<number> {
  print(context.terminal, await poolClient(context).drain(pool, { worker, draining: !undo }), json);
  return EXIT.ok;
}

function print(terminal: Terminal, view: PoolView, json: boolean): void {
  if (json) terminal.json(view);
  else for (const line of poolLines(view, Date.now())) terminal.line(line);
}
