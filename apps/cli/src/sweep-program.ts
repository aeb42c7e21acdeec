import { InvalidArgumentError, type Command } from 'commander';
import { replaySweep } from './commands/replay-sweep.js';
import { startSweep } from './commands/sweep.js';
import { commandSweep, editSweep, showSweep, sweeps, type EditOptions } from './commands/sweeps.js';
import type { Context } from './context.js';

const SWEEP = ['SWEEP', 'a sweep id, project/sweep-id, or `last`'] as const;

/** `vitrine sweep …` and `vitrine sweeps`. */
export function addSweepCommands(program: Command, context: Context, done: (code: number) => void): void {
  const sweep = program
    .command('sweep')
    .description('run a pipeline again and again with values of a space; see and steer such sweeps');
  sweep
    .command('start', { isDefault: true })
    .description('start a sweep and follow it; Ctrl-C leaves it running')
    .argument('<FILE>', 'a sweep of YAML or JSON')
    .option('-d, --detach', 'do not follow', false)
    .option('--set <path=value...>', 'change a field of the sweep, such as budget.trials=9', [])
    .option('--json', 'print the result as JSON', false)
    .action(async (file: string, { detach, ...options }: { detach: boolean; set: string[]; json: boolean }) =>
      done(await startSweep(context, file, { ...options, follow: !detach })),
    );
  sweep
    .command('show')
    .description('show a sweep: counts, budgets, its best trials and their values')
    .argument(...SWEEP)
    .option('-f, --follow', 'until it ends; Ctrl-C leaves it running', false)
    .option('--json', 'as JSON, with all trials', false)
    .action(async (name: string, options: { follow: boolean; json: boolean }) =>
      done(await showSweep(context, name, options)),
    );
  const commands = [
    ['pause', 'pause a sweep at once; its trials store a checkpoint and give their devices back'],
    ['resume', 'let a paused sweep go on, its trials from their checkpoints'],
    ['stop', 'stop a sweep as a whole, at once and for good'],
  ] as const;
  for (const [command, description] of commands)
    sweep
      .command(command)
      .description(description)
      .argument(...SWEEP)
      .option('--json', 'as JSON', false)
      .action(async (name: string, { json }: { json: boolean }) =>
        done(await commandSweep(context, name, { command, json })),
      );
  sweep
    .command('edit')
    .description('change how many trials run at a time, and the budget, of a sweep that runs')
    .argument(...SWEEP)
    .option('--parallelism <n>', 'trials at a time', positive)
    .option('--trials <n>', 'trials in all', positive)
    .option('--wall-seconds <n>', 'seconds from its start', positive)
    .option('--device-seconds <n>', 'devices times seconds', positive)
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: EditOptions) => done(await editSweep(context, name, options)));
  sweep
    .command('replay')
    .description('say what another scheduler would have saved and lost on the same trials; uses no device')
    .argument(...SWEEP)
    .requiredOption('--scheduler <kind>', 'asha, hyperband, median, patience or none')
    .option('--set <field=value...>', 'a field of the scheduler, such as eta=2 or every=1', [])
    .option('--parallelism <n>', 'trials at a time instead of those of the sweep', positive)
    .option('--json', 'as JSON', false)
    .action(
      async (
        name: string,
        options: { scheduler: string; set: string[]; parallelism?: number; json: boolean },
      ) => done(await replaySweep(context, name, options)),
    );
  program
    .command('sweeps')
    .description('list the sweeps, newest first')
    .option('--project <name>', 'of another project than `default`')
    .option('--json', 'as JSON', false)
    .action(async (options: { project?: string; json: boolean }) => done(await sweeps(context, options)));
}

function positive(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number of at least 1');
}
