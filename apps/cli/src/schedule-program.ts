import type { Command } from 'commander';
import {
  backfillSchedule,
  createSchedule,
  deleteSchedule,
  editSchedule,
  noteSchedule,
  schedules,
  showSchedule,
  triggerSchedule,
  type BackfillOptions,
} from './commands/schedules.js';
import type { Context } from './context.js';

const SCHEDULE = ['<SCHEDULE>', 'the name of a schedule, or project/name'] as const;
const FILE = ['<FILE>', 'a schedule of YAML or JSON'] as const;
const SET = [
  '--set <path=value...>',
  'change a field of the schedule, such as times.everySeconds=60',
] as const;
const JSON_OPTION = ['--json', 'as JSON', false] as const;

/** `vitrine schedule …` and `vitrine schedules`. */
export function addScheduleCommands(program: Command, context: Context, done: (code: number) => void): void {
  const schedule = program
    .command('schedule')
    .description('start a pipeline or a re-training at times; see and steer such schedules');
  schedule
    .command('create', { isDefault: true })
    .description('make a schedule')
    .argument(...FILE)
    .option(...SET, [])
    .option('--paused <why>', 'begin paused, and say why')
    .option(...JSON_OPTION)
    .action(async (file: string, options: { set: string[]; paused?: string; json: boolean }) =>
      done(await createSchedule(context, file, options)),
    );
  schedule
    .command('edit')
    .description('replace when and what the schedule of this name starts')
    .argument(...FILE)
    .option(...SET, [])
    .option(...JSON_OPTION)
    .action(async (file: string, options: { set: string[]; json: boolean }) =>
      done(await editSchedule(context, file, options)),
    );
  const commands = [
    ['show', 'show a schedule: its next times, and what became of the last ones', showSchedule],
    ['trigger', 'start now what a schedule starts', triggerSchedule],
    ['delete', 'delete a schedule; what it has started goes on', deleteSchedule],
  ] as const;
  for (const [name, description, run] of commands)
    schedule
      .command(name)
      .description(description)
      .argument(...SCHEDULE)
      .option(...JSON_OPTION)
      .action(async (text: string, options: { json: boolean }) => done(await run(context, text, options)));
  for (const command of ['pause', 'resume'] as const)
    schedule
      .command(command)
      .description(
        command === 'pause' ? 'pause a schedule; what it has started goes on' : 'let a schedule go on',
      )
      .argument(...SCHEDULE)
      .requiredOption('--note <text>', 'why')
      .option(...JSON_OPTION)
      .action(async (text: string, options: { note: string; json: boolean }) =>
        done(await noteSchedule(context, text, { command, ...options })),
      );
  schedule
    .command('backfill')
    .description('start what a schedule would have started between two times')
    .argument(...SCHEDULE)
    .requiredOption('--from <time>', 'the first, such as 2026-03-28T00:00:00Z')
    .requiredOption('--until <time>', 'the last')
    .option('--overlap <policy>', 'skip, buffer-one, buffer-all, cancel-other or allow-all', 'buffer-all')
    .option('--dry-run', 'only list the times, and what would be started', false)
    .option(...JSON_OPTION)
    .action(async (text: string, options: BackfillOptions) =>
      done(await backfillSchedule(context, text, options)),
    );
  program
    .command('schedules')
    .description('list the schedules and their next times')
    .option('--project <name>', 'of another project than `default`')
    .option(...JSON_OPTION)
    .action(async (options: { project?: string; json: boolean }) => done(await schedules(context, options)));
}
