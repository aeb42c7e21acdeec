import { parseArgs } from 'node:util';
import { asCommand, chosen, COMMON_OPTIONS, UsageError } from '@vitrine/bench/command-line';
import { printFigure, type Figure } from '@vitrine/bench/figure';
import { alerts } from './alerts.js';
import type { DrillOptions } from './drill-options.js';
import { kill } from './kill.js';
import { kills } from './kills/kills.js';
import { timm } from './timm.js';

interface Drill {
  readonly about: string;
  /** Figures as they come, or all at the end. */
  readonly run: (options: DrillOptions) => AsyncIterable<Figure> | Promise<readonly Figure[]>;
}

const DRILLS: Readonly<Record<string, Drill>> = {
  alerts: { about: 'real trouble, which must raise its own alert and no other', run: alerts },
  kill: { about: 'SIGKILL of each part in the middle of training', run: kill },
  kills: { about: 'twenty seeded schedules of faults over a sharded pipeline', run: kills },
  timm: { about: 'a timm model that PyTorch trains, killed, and judged by us', run: timm },
};

const HELP = [
  'npm run drill -- NAME [--json] [--quick] [--from N]',
  `  --json    one JSON object a line: name value unit peer ratio spread bar holds
  --quick   the form that ends within minutes
  --from N  of numbered parts the first one (default: 1)
  --list    the names alone
`,
] as const;

await asCommand(async () => {
  const given = parseArgs({
    allowPositionals: true,
    options: { ...COMMON_OPTIONS, from: { type: 'string', default: '1' } },
  });
  const drill = chosen(DRILLS, given, HELP);
  if (typeof drill === 'string') return void process.stdout.write(drill);
  const { json, quick, from: text } = given.values;
  const from = Number(text);
  if (!Number.isInteger(from) || from < 1)
    throw new UsageError(`--from: expected a whole number from 1, got ${text}`);
  const figures = drill.run({ quick, from });
  for await (const line of Symbol.asyncIterator in figures ? figures : await figures) {
    printFigure(line, json);
    if (line.holds === false) process.exitCode = 1;
  }
});
