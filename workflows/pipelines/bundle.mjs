// Bundles the workflows for the worker: `node bundle.mjs [OUTFILE]`, by default dist/workflow-bundle.js.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outfile = resolve(process.argv[2] ?? here('dist/workflow-bundle.js'));

const { code } = await bundleWorkflowCode({
  workflowsPath: here('src/index.ts'),
  logger: new DefaultLogger('WARN'),
});
mkdirSync(dirname(outfile), { recursive: true });
// Renamed into place, so that a worker that starts meanwhile reads the old bundle or the new one.
writeFileSync(`${outfile}.${process.pid}`, code);
renameSync(`${outfile}.${process.pid}`, outfile);
