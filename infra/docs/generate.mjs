// `npm run docs`: writes the reference pages from the contracts. `--check` fails instead when a page is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { errorsPage, failureRulesPage, metricsPage, stagesPage } from './pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const generated = join(root, 'infra/docs/generated');

/** @returns {Promise<typeof import('@vitrine/contracts')>} */
async function loadContracts() {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-docs-'));
  const outfile = join(folder, 'contracts.mjs');
  try {
    await build({
      entryPoints: [join(root, 'workflows/contracts/src/index.ts')],
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

const contracts = await loadContracts();
const pages = {
  'stages.md': stagesPage(contracts),
  'errors.md': errorsPage(contracts),
  'failure-rules.md': failureRulesPage(contracts),
  'metrics.md': metricsPage(contracts),
};

const config = await resolveConfig(join(generated, 'stages.md'));
let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const path = join(generated, name);
  const wanted = await format(text, { ...config, parser: 'markdown' });
  if (process.argv.includes('--check')) {
    let found = '';
    try {
      found = readFileSync(path, 'utf8');
    } catch {
      // A page that is not there is as stale as one that differs.
    }
    if (found !== wanted) {
      stale += 1;
      process.stdout.write(
        `infra/docs/generated/${name} is out of date: run \`npm run docs\` and commit it\n`,
      );
    }
  } else {
    writeFileSync(path, wanted);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
