import { mkdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../prefetch/batch-thread.ts', import.meta.url));
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Bundles the batch thread to `dist`, where the code under test looks for it; safe when test files run side by side. */
export async function buildBatchThread(): Promise<void> {
  mkdirSync(dist, { recursive: true });
  const outfile = `${dist}.batch-thread-${process.pid}.mjs`;
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@tensorflow/*'],
    logLevel: 'error',
  });
  renameSync(outfile, `${dist}batch-thread.mjs`);
}
