// `node infra/build/run.mjs ENTRY.ts [arguments]`: bundles a TypeScript tool of this workspace and runs it.
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [entry, ...rest] = process.argv.slice(2);
if (entry === undefined) {
  process.stderr.write('expected: node infra/build/run.mjs ENTRY.ts [arguments]\n');
  process.exit(2);
}

// Inside node_modules, so that bare imports of the bundle resolve; one file per process, so that two runs do not meet.
const folder = resolve(root, 'node_modules/.cache/vitrine-run');
mkdirSync(folder, { recursive: true });
const outfile = resolve(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`);
await build({
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
  plugins: [
    {
      name: 'packages-stay-outside',
      setup(pluginBuild) {
        pluginBuild.onResolve({ filter: /^[^./]/ }, ({ path }) =>
          path.startsWith('@vitrine/') ? undefined : { path, external: true },
        );
      },
    },
  ],
});
process.argv.splice(1, process.argv.length - 1, outfile, ...rest);
await import(pathToFileURL(outfile).href);
