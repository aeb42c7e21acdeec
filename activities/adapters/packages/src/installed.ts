import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packFolder } from '@vitrine/artifact-store';
import { formatIssues, VitrineError } from '@vitrine/contracts';
import { z } from 'zod';
import { stagePackageSchema, type StagePackage } from './stage-package.js';

/** Packages as the configuration names them, and the folder that it lies in. */
export interface PackagePlaces {
  readonly names: readonly string[];
  readonly from: string;
}

interface InstalledPackage extends StagePackage {
  /** As it calls itself. */
  readonly name: string;
  /** Digest of the package's files, without what it has installed itself. */
  readonly sha256: string;
}

type Kind = 'stages' | 'models' | 'datasets';

/** For people. */
const KIND_NAMES: Readonly<Record<Kind, string>> = { stages: 'stage', models: 'model', datasets: 'data set' };

/** Something that a package brings. */
export interface Packaged<K extends Kind> {
  /** Its name in the package. */
  readonly name: string;
  /** Digest of the package. */
  readonly sha256: string;
  readonly definition: StagePackage[K][string];
}

/** Dependencies are pinned by whoever installs the package; the rest is what npm publishes. */
const NOT_ITS_OWN = ['node_modules', '.git'];

const manifestSchema = z.object({
  name: z.string().min(1),
  exports: z.unknown().optional(),
  main: z.string().optional(),
});

/**
 * @param wanted its name as `<package>/<name>`, and the field that asks for it
 * @throws VitrineError InvalidSpec naming those there are, InvalidConfig naming a package that cannot be used
 */
export async function findPackaged<K extends Kind>(
  places: PackagePlaces,
  kind: K,
  { uses, where }: { readonly uses: string; readonly where: string },
): Promise<Packaged<K>> {
  const packages = await Promise.all(places.names.map((name) => install(name, places.from)));
  const known: string[] = [];
  for (const { name, sha256, [kind]: definitions } of packages)
    for (const [key, definition] of Object.entries(definitions)) {
      if (`${name}/${key}` === uses)
        return { name: key, sha256, definition: definition as StagePackage[K][string] };
      known.push(`${name}/${key}`);
    }
  const what = KIND_NAMES[kind];
  throw new VitrineError('InvalidSpec', `No package brings this ${what}.`, {
    where,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : `a ${what} of a package`,
    actual: uses,
    hint: 'Install the package, name it in `packages` of vitrine.yaml, and restart the stack.',
  });
}

async function install(name: string, from: string): Promise<InstalledPackage> {
  const folder = folderOf(name, from);
  const manifest = readManifest(folder, name);
  const [sha256, stagePackage] = await Promise.all([digestOf(folder), load(folder, manifest)]);
  return { ...stagePackage, name: manifest.name, sha256 };
}

function folderOf(name: string, from: string): string {
  if (isAbsolute(name) || name.startsWith('.')) return resolve(from, name);
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(place)) return place;
    if (folder === dirname(folder)) break;
  }
  throw invalid(name, {
    expected: `a package in node_modules of ${from} or above`,
    actual: 'no such package',
    hint: `Install it with \`npm install ${name}\`, or name its folder.`,
  });
}

function readManifest(folder: string, name: string): z.infer<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch (cause) {
    throw invalid(name, { expected: 'a folder with a package.json', actual: String(cause), cause });
  }
}

async function load(folder: string, manifest: z.infer<typeof manifestSchema>): Promise<StagePackage> {
  const entry = join(folder, entryOf(manifest.exports) ?? manifest.main ?? 'index.js');
  let exported: unknown;
  try {
    ({ vitrine: exported } = (await import(pathToFileURL(entry).href)) as { vitrine?: unknown });
  } catch (cause) {
    throw invalid(manifest.name, {
      expected: `a module at ${entry}`,
      actual: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  const parsed = stagePackageSchema.safeParse(exported);
  if (parsed.success) return parsed.data;
  throw invalid(manifest.name, {
    expected: 'an export `vitrine` of interface 1',
    actual: formatIssues(parsed.error.issues, undefined),
    hint: 'Read infra/docs/stage-packages.md, and see whether the package is made for this version.',
  });
}

/** The one entry of `exports`, in the forms that most packages use. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (exports === null || typeof exports !== 'object') return undefined;
  const fields = exports as Record<string, unknown>;
  return entryOf(fields['.'] ?? fields['import'] ?? fields['default']);
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of await packFolder(folder, { exclude: NOT_ITS_OWN })) hash.update(piece);
  return hash.digest('hex');
}

function invalid(
  name: string,
  details: { expected: string; actual: string; hint?: string; cause?: unknown },
): VitrineError {
  return new VitrineError('InvalidConfig', 'A package of stages cannot be used.', {
    where: `vitrine.yaml, packages, ${name}`,
    ...details,
  });
}
