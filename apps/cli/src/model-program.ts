import type { Command } from 'commander';
import { models, promoteModel, rollBackModel, showModel } from './commands/models.js';
import type { Context } from './context.js';

const MODEL = ['<MODEL>', 'the name of a model, or project/name'] as const;
const JSON_OPTION = ['--json', 'as JSON', false] as const;

interface Told {
  readonly why: string;
  readonly json: boolean;
}

/** `vitrine models …`. */
export function addModelCommands(program: Command, context: Context, done: (code: number) => void): void {
  const registry = program
    .command('models')
    .description('the registry of models: versions and their champions');
  registry
    .command('list', { isDefault: true })
    .description('list the models and who is champion')
    .option('--project <name>', 'of another project than `default`')
    .option(...JSON_OPTION)
    .action(async (options: { project?: string; json: boolean }) => done(await models(context, options)));
  registry
    .command('show')
    .description('show the versions of a model, and who made which one champion, when and why')
    .argument(...MODEL)
    .option(...JSON_OPTION)
    .action(async (model: string, options: { json: boolean }) =>
      done(await showModel(context, model, options)),
    );
  told(registry.command('promote'))
    .description('make a version of a model the champion, or the output of a run')
    .argument(...MODEL)
    .argument('<WHAT>', 'the number of a version, or RUN.STAGE.OUTPUT such as last.train.model')
    .action(async (model: string, what: string, options: Told) =>
      done(await promoteModel(context, { model, what }, options)),
    );
  told(registry.command('rollback'))
    .description('go back to the champion before this one')
    .argument(...MODEL)
    .option('--to <version>', 'or to this version')
    .action(async (model: string, options: Told & { to?: string }) =>
      done(await rollBackModel(context, model, options)),
    );
}

function told(command: Command): Command {
  return command.option('--why <text>', 'why', '').option(...JSON_OPTION);
}
