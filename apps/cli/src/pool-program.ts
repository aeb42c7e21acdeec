import type { Command } from 'commander';
import { drainWorker, listPools, setPool, showPool, unsetPool } from './commands/pools.js';
import { why } from './commands/why.js';
import type { Context } from './context.js';

const POOL = ['POOL', 'a pool of `pools` in vitrine.yaml'] as const;

interface Flags {
  readonly json: boolean;
}

/** `vitrine pools …` and `vitrine why`. */
export function addPoolCommands(program: Command, context: Context, done: (code: number) => void): void {
  const pools = program
    .command('pools')
    .description('see pools of devices, give their devices out by a policy, let workers take no more');
  pools
    .command('list', { isDefault: true })
    .description('list the pools: who works for them, and what waits')
    .option('--json', 'as JSON', false)
    .action(async (options: Flags) => done(await listPools(context, options)));
  pools
    .command('show')
    .description('show a pool with a policy: who holds what, and why each stage that waits does')
    .argument(...POOL)
    .option('--json', 'as JSON', false)
    .action(async (pool: string, options: Flags) => done(await showPool(context, pool, options)));
  pools
    .command('set')
    .description('give the devices of a pool out by a policy, or change it')
    .argument(...POOL)
    .argument('<FILE>', 'a policy of YAML or JSON')
    .option('--json', 'print the pool as JSON', false)
    .action(async (pool: string, file: string, options: Flags) =>
      done(await setPool(context, { pool, file, ...options })),
    );
  pools
    .command('unset')
    .description('serve who comes first again; what waits goes on waiting there')
    .argument(...POOL)
    .action(async (pool: string) => done(await unsetPool(context, pool)));
  pools
    .command('drain')
    .description('let a worker of a pool take no more stages; what it runs goes on')
    .argument(...POOL)
    .argument('<WORKER>', 'as `vitrine pools show` names it')
    .option('--undo', 'let it take stages again', false)
    .option('--json', 'print the pool as JSON', false)
    .action(async (pool: string, worker: string, options: Flags & { undo: boolean }) =>
      done(await drainWorker(context, { pool, worker, ...options })),
    );
  program
    .command('why')
    .description('say why stages of a run wait, who holds what they wait for, and when they may begin')
    .argument('<RUN>', 'a run id, project/run-id, or `last`')
    .option('--json', 'as JSON', false)
    .action(async (run: string, options: Flags) => done(await why(context, run, options)));
}
