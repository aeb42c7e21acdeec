import { Command, CommanderError, Option } from 'commander';
import { approve } from './commands/approve.js';
import { cancel, runs, show } from './commands/runs.js';
import { doctor } from './commands/doctor.js';
import { down } from './commands/down.js';
import { explainCache } from './commands/explain-cache.js';
import { lineage } from './commands/lineage.js';
import { logs } from './commands/logs.js';
import { plan } from './commands/plan.js';
import { quickstart } from './commands/quickstart.js';
import { ablate } from './commands/ablate.js';
import { rerun } from './commands/rerun.js';
import { report } from './commands/report.js';
import { run } from './commands/run.js';
import { printStatus } from './commands/status.js';
import { supervise, up } from './commands/up.js';
import { verify } from './commands/verify.js';
import type { Context } from './context.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import { addDataCommands } from './data-program.js';
import { addExplainCommand } from './explain-program.js';
import { seedOption } from './seed-option.js';
import { addPoolCommands } from './pool-program.js';
import { SUPERVISE } from './stack/detached.js';
import { addModelCommands } from './model-program.js';
import { addScheduleCommands } from './schedule-program.js';
import { addSweepCommands } from './sweep-program.js';

const RUN = ['RUN', 'a run id, project/run-id, or `last`'] as const;
const SET = '--set <path=value...>';

/**
 * Runs one command line.
 * @returns its exit code
 * @throws VitrineError what the command could not do
 */
export async function runProgram(context: Context, args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed what is wrong with the arguments, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

type Done = (code: number) => void;

interface RunFlags {
  readonly detach: boolean;
  readonly json: boolean;
  readonly set: string[];
  readonly force: string[];
  readonly cache: boolean;
}

function buildProgram(context: Context, done: Done): Command {
  const program = new Command('vitrine')
    .description('Durable training pipelines for robust, faithfully explained vision transformers.')
    .version(context.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.write(text),
      writeErr: (text) => context.terminal.aside(text.trimEnd()),
    })
    .showHelpAfterError('(vitrine --help lists the commands)')
    .addHelpText('after', EXIT_HELP);
  addStackCommands(program, context, done);
  addRunCommands(program, context, done);
  addSweepCommands(program, context, done);
  addPoolCommands(program, context, done);
  addScheduleCommands(program, context, done);
  addModelCommands(program, context, done);
  addDataCommands(program, context, done);
  addExplainCommand(program, context, done);
  return program;
}

function addStackCommands(program: Command, context: Context, done: Done): void {
  program
    .command('up')
    .description('start the local stack: S3 server, Temporal, API, worker')
    .option('--foreground', 'stay in this terminal until Ctrl-C', false)
    .option('--monitoring', 'also Prometheus, and Grafana where it is on PATH or Docker is there', false)
    .action(async (options: { foreground: boolean; monitoring: boolean }) =>
      done(await up(context, options)),
    );
  program
    .command('down')
    .description('stop the local stack; what runs goes on after the next start')
    .action(async () => done(await down(context)));
  program
    .command('status')
    .description('say what runs where, and give a link for the browser')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }) => done(await printStatus(context, options)));
  program
    .command('doctor')
    .description('look at everything a run needs, and say how to mend what is broken')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }) => done(await doctor(context, options)));
  program
    .command('quickstart')
    .description('start the stack, run the quick pipeline, show its report, stop the stack')
    .option('--keep', 'leave the stack running at the end', false)
    .addOption(seedOption())
    .option(SET, 'change a field of the pipeline', [])
    .action(async (options: { keep: boolean; seed?: number; set: string[] }) =>
      done(await quickstart(context, options)),
    );
  program
    .command(SUPERVISE, { hidden: true })
    .option('--monitoring', '', false)
    .action(async (options: { monitoring: boolean }) => done(await supervise(context, options)));
}

function addRunCommands(program: Command, context: Context, done: Done): void {
  program
    .command('run')
    .description('start a run of a pipeline and follow it; Ctrl-C leaves it running')
    .argument('<FILE>', 'a pipeline of YAML or JSON, or `quick` for the one that ships with the project')
    .option('-d, --detach', 'do not follow', false)
    .addOption(new Option('-f, --follow', 'follow to the end').default(true).hideHelp())
    .addOption(seedOption())
    .option(SET, 'change a field of the pipeline, such as stages.train.params.epochs=3', [])
    .option('--force <stage...>', 'compute these stages anew, whatever is known of them', [])
    .option('--no-cache', 'compute every stage, and keep no result for others')
    .option('--json', 'print the result as JSON', false)
    .action(async (file: string, { detach, ...options }: RunFlags) =>
      done(await run(context, file, { ...options, follow: !detach })),
    );
  program
    .command('plan')
    .description('say what a run would find, compute, take and wait for; starts nothing')
    .argument('<FILE>', 'a pipeline of YAML or JSON, or `quick` for the one that ships with the project')
    .addOption(seedOption())
    .option(SET, 'change a field of the pipeline, such as stages.train.params.epochs=3', [])
    .option('--force <stage...>', 'as if these stages were to be computed anew', [])
    .option('--no-cache', 'as if no results were looked for')
    .option('--json', 'as JSON', false)
    .action(async (file: string, options: Omit<RunFlags, 'detach'>) =>
      done(await plan(context, file, options)),
    );
  program
    .command('rerun')
    .description('repeat a run from what failed, or from a stage, taking over the rest')
    .argument(...RUN)
    .option('--from <stage...>', 'compute these stages and all that comes after them anew', [])
    .option(SET, 'change a field of the pipeline, such as stages.train.params.epochs=3', [])
    .option('-d, --detach', 'do not follow', false)
    .option('--json', 'print the result as JSON', false)
    .action(
      async (
        name: string,
        { detach, ...options }: { detach: boolean; json: boolean; set: string[]; from: string[] },
      ) => done(await rerun(context, name, { ...options, follow: !detach })),
    );
  program
    .command('ablate')
    .description('repeat a run with a stage switched to identity, and show both results side by side')
    .argument(...RUN)
    .argument('<STAGE>', 'its output becomes its input of the same type')
    .option('-d, --detach', 'do not follow', false)
    .option('--json', 'print the result as JSON', false)
    .action(async (name: string, stage: string, { detach, json }: { detach: boolean; json: boolean }) =>
      done(await ablate(context, name, { stage, json, follow: !detach })),
    );
  program
    .command('runs')
    .description('list the runs, newest first')
    .option('--project <name>', 'of another project than `default`')
    .addOption(
      new Option('--status <status>', 'only these').choices(['running', 'succeeded', 'failed', 'cancelled']),
    )
    .option('--limit <n>', 'so many', '20')
    .option('--cursor <cursor>', 'go on where the list before ended')
    .option('--json', 'as JSON', false)
    .action(async (options: { limit: string; json: boolean }) => done(await runs(context, options)));
  program
    .command('show')
    .description('show a run: its stages, results and errors')
    .argument(...RUN)
    .option('-f, --follow', 'until it ends; Ctrl-C leaves it running', false)
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { follow: boolean; json: boolean }) =>
      done(await show(context, name, options)),
    );
  program
    .command('logs')
    .description('print what the stages of a run logged')
    .argument(...RUN)
    .option('-f, --follow', 'until the run ends', false)
    .option('--stage <name>', 'only of this stage')
    .option('--debug', 'also debug lines', false)
    .option('--json', 'one JSON object a line', false)
    .action(
      async (name: string, options: { follow: boolean; debug: boolean; json: boolean; stage?: string }) =>
        done(await logs(context, name, options)),
    );
  program
    .command('cancel')
    .description('stop a run; its stages save a checkpoint')
    .argument(...RUN)
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }) => done(await cancel(context, name, options)));
  program
    .command('approve')
    .description('approve a stage that is held for it, or reject it')
    .argument(...RUN)
    .argument('<STAGE>', 'a stage of the run')
    .option('--reject', 'decide against it: the stage fails', false)
    .option('--comment <text>', 'why', '')
    .option('--json', 'as JSON', false)
    .action(
      async (name: string, stage: string, options: { reject: boolean; comment: string; json: boolean }) =>
        done(await approve(context, { run: name, stage }, options)),
    );
  program
    .command('explain-cache')
    .description('say why a stage was computed: what changed against the nearest earlier result')
    .argument(...RUN)
    .argument('<STAGE>', 'a stage of the run')
    .option('--json', 'as JSON', false)
    .action(async (name: string, stage: string, options: { json: boolean }) =>
      done(await explainCache(context, { run: name, stage }, options)),
    );
  program
    .command('lineage')
    .description('trace an artifact: what it was made from, and what was made of it')
    .argument('<ARTIFACT>', 'a sha256, or RUN.STAGE.OUTPUT such as last.train.model')
    .option('--project <name>', 'of a sha256 in another project than `default`')
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { json: boolean; project?: string }) =>
      done(await lineage(context, text, options)),
    );
  program
    .command('verify')
    .description('recompute every figure of a run from what is stored; fails when anything differs')
    .argument(...RUN)
    .option('--json', 'as JSON', false)
    .action(async (name: string, options: { json: boolean }) => done(await verify(context, name, options)));
  program
    .command('report')
    .description('save the report of a run and print its path')
    .argument(...RUN)
    .option('-o, --output <file>', 'where to; default: the state folder')
    .option('--open', 'show it in the browser', false)
    .action(async (name: string, options: { output?: string; open: boolean }) =>
      done(await report(context, name, options)),
    );
}
