import { parseArgs } from 'node:util';
import { dispatch } from './dispatch.js';
import { printFigure, type Figure } from './figure.js';

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = { dispatch };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;

if (values.list) {
  process.stdout.write(`${Object.keys(BENCHES).join('\n')}\n`);
} else if (bench === undefined) {
  process.stderr.write(
    `expected one of ${Object.keys(BENCHES).join(', ')}, got ${name === '' ? 'nothing' : name}\n`,
  );
  process.exitCode = 2;
} else {
  for (const line of await bench()) printFigure(line, values.json);
}
