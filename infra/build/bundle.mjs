// Bundles entries of a package, run in its folder:
// `node bundle.mjs ENTRY OUTFILE [ENTRY OUTFILE ...]`.
// Workspace packages go in, as they are TypeScript sources; what comes from npm stays outside.
// All entries of one call are built together and share chunks, so that code imported on demand is loaded on demand.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const workspace = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The copy of an npm package that a file sees.
 * @param {string} from folder
 * @param {string} name
 * @returns {string | undefined}
 */
function packageFolder(from, name) {
  const place = join(from, 'node_modules', name);
  if (existsSync(place)) return place;
  return from === dirname(from) ? undefined : packageFolder(dirname(from), name);
}

/**
 * Leaves npm packages outside, and refuses one of which the bundle would see another copy than the source does:
 * it is installed deeper, because versions differ between packages of the workspace.
 * @param {string} outdir
 * @returns {import('esbuild').Plugin}
 */
const npmOutside = (outdir) => ({
  name: 'npm-outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir, importer }) => {
      if (kind === 'entry-point' || path.startsWith('@vitrine/')) return undefined;
      if (isBuiltin(path)) return { path, external: true };
      const name = path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/');
      const meant = packageFolder(resolveDir, name);
      const seen = packageFolder(outdir, name);
      if (meant !== undefined && meant === seen) return { path, external: true };
      const text =
        `${relative(workspace, importer)} means ${meant ? relative(workspace, meant) : 'no installed package'}, ` +
        `but from ${relative(workspace, outdir)} "${path}" is ${seen ? relative(workspace, seen) : 'not found'}. ` +
        'Give all packages of the workspace the same version of it.';
      return { errors: [{ text }] };
    });
  },
});

/** @param {readonly { entry: string, outfile: string }[]} pairs */
async function bundle(pairs) {
  const outdir = dirname(pairs[0]?.outfile ?? '');
  const { outputFiles } = await build({
    entryPoints: pairs.map(({ entry, outfile }) => ({ in: resolve(entry), out: basename(outfile, '.mjs') })),
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    splitting: true,
    absWorkingDir: workspace,
    tsconfig: join(workspace, 'tsconfig.base.json'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    // Class names are read at run time: error names, Nest's providers.
    keepNames: true,
    plugins: [npmOutside(outdir)],
    logLevel: 'warning',
    write: false,
  });
  mkdirSync(outdir, { recursive: true });
  // Renamed into place, chunks before what names them: a stack that runs meanwhile reads the old build or the new one.
  const chunksFirst = outputFiles.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, contents } of chunksFirst) {
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
  const written = new Set(outputFiles.map(({ path }) => path));
  for (const name of readdirSync(outdir)) {
    const path = join(outdir, name);
    if (isEntry(path) || written.has(path)) continue;
    // A process that runs an older build may still want its chunks.
    if (statSync(path).mtimeMs < Date.now() - KEEP_MILLISECONDS) rmSync(path);
  }
}

const KEEP_MILLISECONDS = 24 * 3600 * 1000;

/** @param {string} path */
const isEntry = (path) => !basename(path).startsWith('chunk-');

const positionals = process.argv.slice(2);
if (positionals.length === 0 || positionals.length % 2 !== 0) {
  throw new Error('usage: bundle.mjs ENTRY OUTFILE [ENTRY OUTFILE ...]');
}
const pairs = Array.from({ length: positionals.length / 2 }, (_, index) => ({
  entry: positionals[2 * index] ?? '',
  outfile: resolve(positionals[2 * index + 1] ?? ''),
}));
try {
  await bundle(pairs);
} catch {
  // esbuild has printed what is wrong, with file and line.
  process.exit(1);
}
