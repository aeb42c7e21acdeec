import type { Command } from 'commander';
import { fetchData, importData, listData } from './commands/data.js';
import type { Context } from './context.js';

/** `vitrine data …`. */
export function addDataCommands(program: Command, context: Context, done: (code: number) => void): void {
  const data = program.command('data').description('the data sets of this machine');
  data
    .command('list', { isDefault: true })
    .description('what can be trained on')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }) => done(await listData(context, options)));
  data
    .command('fetch')
    .description('fetch CIFAR-10 from its official address; goes on where it broke off')
    .option('--from <url>', 'another address of the same archive')
    .action(async (options: { from?: string }) => done(await fetchData(context, options)));
  data
    .command('import')
    .description('take CIFAR-10 from a folder of its binary release')
    .argument('<FOLDER>', 'holds data_batch_1.bin and so on')
    .action(async (folder: string) => done(await importData(context, folder)));
}
