// Writes the version of each stage kind's code: `node code-version.mjs FILE ENTRY [THREAD ...]`, in the package's folder.
// The version of a kind is the digest of what a stage process of that kind runs: ENTRY bundled with the implementation and the
// definition of this kind and of no other, the threads that it names, and the versions of the npm packages it imports.
// So a change of one kind, of documents or of the command line leaves the others' results under their keys.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const IMPLEMENTATION = /^(.+)\.stage\.[jt]s$/;
const DEFINITIONS = join(workspace, 'workflows/contracts/src/stages');

/**
 * The kind whose implementation an import brings in on demand.
 * @param {{ path: string, kind: string }} request
 */
function implementationOf({ path, kind }) {
  return kind === 'dynamic-import' ? IMPLEMENTATION.exec(basename(path))?.[1] : undefined;
}

/**
 * The version of an npm package, as the file that imports it sees it.
 * @param {string} from folder
 * @param {string} name
 * @returns {string}
 */
function versionOf(from, name) {
  try {
    return JSON.parse(readFileSync(join(from, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return from === dirname(from) ? 'none' : versionOf(dirname(from), name);
  }
}

/**
 * The text of an entry with everything of the workspace in it, and the npm packages that it imports.
 * @param {string} entry
 * @param {(kind: string) => boolean} holds whether the code of a kind is part of it
 */
async function textOf(entry, holds) {
  /** @type {Set<string>} */
  const packages = new Set();
  /** @type {Set<string>} */
  const kinds = new Set();
  const { outputFiles } = await build({
    entryPoints: [resolve(entry)],
    absWorkingDir: workspace,
    tsconfig: join(workspace, 'tsconfig.base.json'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Comments and line breaks are not what runs.
    minifyWhitespace: true,
    legalComments: 'none',
    keepNames: true,
    write: false,
    logLevel: 'warning',
    plugins: [
      {
        name: 'one-kind',
        setup: ({ onResolve }) => {
          onResolve({ filter: /./ }, (request) => {
            const { path, kind, importer, resolveDir } = request;
            if (kind === 'entry-point' || path.startsWith('@vitrine/')) return undefined;
            if (!path.startsWith('.')) {
              const name = path
                .split('/')
                .slice(0, path.startsWith('@') ? 2 : 1)
                .join('/');
              if (!isBuiltin(path)) packages.add(`${name}@${versionOf(resolveDir, name)}`);
              return { path, external: true };
            }
            const implemented = implementationOf(request);
            if (implemented !== undefined) kinds.add(implemented);
            // The table of all definitions is no reason to hold them; a kind that builds on another one imports it itself.
            const defined =
              importer === join(DEFINITIONS, 'index.ts') ? basename(path).replace(/\.js$/, '') : undefined;
            const of = implemented ?? (defined === 'define' ? undefined : defined);
            return of === undefined || holds(of) ? undefined : { path, external: true };
          });
        },
      },
    ],
  });
  const [file] = outputFiles;
  return { text: file?.text ?? '', packages, kinds };
}

/** @param {readonly string[]} parts */
function digest(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

const [file, entry, ...threads] = process.argv.slice(2);
if (file === undefined || entry === undefined)
  throw new Error('usage: code-version.mjs FILE ENTRY [THREAD ...]');
try {
  const { kinds } = await textOf(entry, () => false);
  const threadTexts = await Promise.all(
    threads.map(async (thread) => ({
      name: basename(thread).replace(/\.ts$/, '.mjs'),
      ...(await textOf(thread, () => false)),
    })),
  );
  /** @type {Record<string, string>} */
  const versions = {};
  for (const kind of [...kinds].sort()) {
    const own = await textOf(entry, (other) => other === kind);
    const named = threadTexts.filter(({ name }) => own.text.includes(name));
    const packages = new Set([own, ...named].flatMap((part) => [...part.packages]));
    versions[kind] = digest([own.text, ...named.map(({ text }) => text), ...[...packages].sort()]);
  }
  const all = digest(Object.entries(versions).flat());
  const path = resolve(file);
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify({ codeVersion: all, kinds: versions })}\n`);
  renameSync(`${path}.${process.pid}`, path);
  process.stdout.write(`${relative(process.cwd(), path)}: ${Object.keys(versions).length} kinds\n`);
} catch (error) {
  // esbuild has printed what is wrong, with file and line.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exit(1);
}
