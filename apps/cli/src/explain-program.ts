import { Option, type Command } from 'commander';
import { explain, type ExplainOptions } from './commands/explain.js';
import type { Context } from './context.js';
import { seedOption } from './seed-option.js';

/** `vitrine explain`. */
export function addExplainCommand(program: Command, context: Context, done: (code: number) => void): void {
  const artifact = 'a file, a sha256, or RUN.STAGE.OUTPUT';
  program
    .command('explain')
    .description('show which parts of your own pictures a model looks at, by trained gates and other methods')
    .requiredOption('--model <model>', `${artifact} such as last.train.model`)
    .requiredOption('--image <file...>', 'PNG or JPEG')
    .option('--gates <gates...>', `trained gates: ${artifact}; LABEL=… to name them`, [])
    .option('--denoiser <denoiser>', `for the method smoothedAttention: ${artifact}`)
    .option('--methods <names...>', 'other methods; none with an empty text')
    .option('--classes <file>', 'names of the classes, one a line')
    .addOption(
      new Option('--fit <how>', 'the whole picture, or its middle square')
        .choices(['stretch', 'crop'])
        .default('stretch'),
    )
    .option('--scores', 'score the methods as well, which takes longer', false)
    .option('-o, --out <folder>', 'where the pictures go', 'explained')
    .addOption(seedOption().default(0))
    .option('--json', 'print the result as JSON', false)
    .action(async (options: ExplainOptions) => done(await explain(context, options)));
}
