import { parseArgs } from 'node:util';
import { figure, printFigure, type Figure } from '@vitrine/bench/figure';
import { LocalStack, trainAndKill, VICTIMS } from '@vitrine/e2e';
import { alerts } from './alerts.js';
import type { DrillOptions } from './drill-options.js';
import { kills } from './kills/kills.js';
import { timm } from './timm.js';

/** SIGKILL of each part in the middle of training: seconds lost, and whether the weights are those of the undisturbed run. */
async function kill(): Promise<Figure[]> {
  const stack = await LocalStack.up();
  try {
    const undisturbed = await trainAndKill(stack);
    const figures: Figure[] = [];
    for (const victim of VICTIMS) {
      const outcome = await trainAndKill(stack, victim);
      const holds = outcome.weightsSha256 === undisturbed.weightsSha256;
      figures.push(
        figure(`kill.${victim}.lost`, outcome.seconds - undisturbed.seconds, {
          unit: 's',
          spread: 0,
          peer: undisturbed.seconds,
          ratio: outcome.seconds / undisturbed.seconds,
          bar: 'equal weights',
          holds,
        }),
      );
    }
    return figures;
  } finally {
    await stack.destroy();
  }
}

/** Figures as they come, or all at the end. */
type Drill = (options: DrillOptions) => AsyncIterable<Figure> | Promise<readonly Figure[]>;

const DRILLS: Readonly<Record<string, Drill>> = { alerts, kill, kills, timm };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    from: { type: 'string', default: '1' },
  },
});
const [name = ''] = positionals;
const drill = Object.hasOwn(DRILLS, name) ? DRILLS[name] : undefined;

if (values.list) {
  process.stdout.write(`${Object.keys(DRILLS).join('\n')}\n`);
} else if (drill === undefined) {
  process.stderr.write(
    `expected one of ${Object.keys(DRILLS).join(', ')}, got ${name === '' ? 'nothing' : name}\n`,
  );
  process.exitCode = 2;
} else {
  const figures = drill({ quick: values.quick, from: Number(values.from) });
  for await (const line of Symbol.asyncIterator in figures ? figures : await figures) {
    printFigure(line, values.json);
    if (line.holds === false) process.exitCode = 1;
  }
}
