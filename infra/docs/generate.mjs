// `npm run docs`: writes the reference pages from the contracts, the boards of Grafana from their code, and the page's client from the API's description. `--check` fails instead when a page is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { webClient } from './web-client.mjs';
import { errorsPage, failureRulesPage, metricsPage, stagesPage } from './pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {string} entry
 * @returns {Promise<any>}
 */
async function load(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-docs-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      entryPoints: [join(root, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {typeof import('@vitrine/contracts')} */
const contracts = await load('workflows/contracts/src/index.ts');
/** @type {typeof import('../monitoring/src/index.js')} */
const { DASHBOARDS } = await load('infra/monitoring/src/index.ts');
const pages = {
  'infra/docs/generated/stages.md': stagesPage(contracts),
  'infra/docs/generated/errors.md': errorsPage(contracts),
  'infra/docs/generated/failure-rules.md': failureRulesPage(contracts),
  'infra/docs/generated/metrics.md': metricsPage(contracts),
  'apps/web/src/generated/api.ts': await webClient(join(root, 'apps/api/openapi.json')),
  ...Object.fromEntries(
    DASHBOARDS.map((board) => [`infra/monitoring/dashboards/${board.uid}.json`, JSON.stringify(board)]),
  ),
};

/** @type {Readonly<Record<string, string>>} */
const PARSERS = { '.json': 'json', '.ts': 'typescript' };

const config = await resolveConfig(join(root, 'package.json'));
let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const path = join(root, name);
  const wanted = await format(text, { ...config, parser: PARSERS[extname(name)] ?? 'markdown' });
  if (process.argv.includes('--check')) {
    let found = '';
    try {
      found = readFileSync(path, 'utf8');
    } catch {
      // A page that is not there is as stale as one that differs.
    }
    if (found !== wanted) {
      stale += 1;
      process.stdout.write(`${name} is out of date: run \`npm run docs\` and commit it\n`);
    }
  } else {
    writeFileSync(path, wanted);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
