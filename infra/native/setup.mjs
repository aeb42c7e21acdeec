// `node infra/native/setup.mjs`: obtains what is native, once for all clones, and writes `native.json` into the state folder.
// `--check [--json]` only looks; `--device cpu|cuda` overrides what the machine suggests.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCheck } from './check.mjs';
import { setUpNative } from './install.mjs';
import { SetupError, describeProblem } from './problem.mjs';
import { createProgress } from './progress.mjs';
import { stoppable } from './stoppable.mjs';

const workspace = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string | undefined} text @returns {import('./pins.mjs').Device | undefined} */
function parseDevice(text) {
  if (text === undefined || text === 'cpu' || text === 'cuda') return text;
  throw new SetupError('There is no such device', {
    where: '--device',
    expected: 'cpu or cuda',
    actual: text,
    fix: 'Name one of them, or leave the option out.',
  });
}

await stoppable(
  async (signal) => {
    const { values } = parseArgs({
      options: { check: { type: 'boolean' }, json: { type: 'boolean' }, device: { type: 'string' } },
    });
    const device = parseDevice(values.device);
    if (values.check) return runCheck({ env: process.env, device, json: values.json ?? false });
    if (!existsSync(join(workspace, 'node_modules'))) {
      throw new SetupError('The npm packages are not installed', {
        where: join(workspace, 'node_modules'),
        fix: 'Run `npm ci` first, or `npm start -- --setup-only`, which does both.',
      });
    }
    const progress = createProgress(process.stderr);
    await setUpNative({ workspace, env: process.env, progress, signal, device }).finally(progress.close);
    return 0;
  },
  (error) => process.stderr.write(`${describeProblem(error)}\n`),
);
