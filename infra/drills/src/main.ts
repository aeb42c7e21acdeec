import { parseArgs } from 'node:util';
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

const HELP = `npm run drill -- NAME [--json] [--quick] [--from N]

${Object.entries(DRILLS)
  .map(([name, { about }]) => `  ${name.padEnd(8)}${about}`)
  .join('\n')}

  --json    one JSON object a line: name value unit peer ratio spread bar holds
  --quick   the form that ends within minutes
  --from N  of numbered parts the first one (default: 1)
  --list    the names alone
`;

class UsageError extends Error {}

function parse(): { drill: Drill; json: boolean; options: DrillOptions } | string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      from: { type: 'string', default: '1' },
    },
  });
  if (values.list) return `${Object.keys(DRILLS).join('\n')}\n`;
  if (values.help) return HELP;
  const { json, quick } = values;
  const [name = ''] = positionals;
  const drill = Object.hasOwn(DRILLS, name) ? DRILLS[name] : undefined;
  if (drill === undefined)
    throw new UsageError(
      `expected one of ${Object.keys(DRILLS).join(', ')}, got ${name === '' ? 'nothing' : name}`,
    );
  const from = Number(values.from);
  if (!Number.isInteger(from) || from < 1)
    throw new UsageError(`--from: expected a whole number from 1, got ${values.from}`);
  return { drill, json, options: { quick, from } };
}

try {
  const parsed = parse();
  if (typeof parsed === 'string') {
    process.stdout.write(parsed);
  } else {
    const figures = parsed.drill.run(parsed.options);
    for await (const line of Symbol.asyncIterator in figures ? figures : await figures) {
      printFigure(line, parsed.json);
      if (line.holds === false) process.exitCode = 1;
    }
  }
} catch (error) {
  if (
    !(error instanceof UsageError) &&
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true
  )
    throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
