import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from './command.mjs';
import { get, readText } from './http.mjs';
import { SetupError, withoutSecrets } from './problem.mjs';

const accept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';
const noPip = 'Install Python 3 with pip (Debian, Ubuntu: apt install python3 python3-pip).';

/**
 * Where pip would look.
 * @typedef {{ indexes: string[], folders: string[], route: import('./http.mjs').Route }} PipSources
 * @typedef {{ url: URL, sha256?: string }} IndexFile
 */

/**
 * The settings that `pip config list` prints, one `section.key='value'` a line, as Python writes strings.
 * Later sections win in pip's own order: global, install, download, environment.
 * @param {string} text
 * @returns {Map<string, string>}
 */
export function parsePipConfig(text) {
  /** @type {Map<string, string>} */
  const settings = new Map();
  for (const section of ['global', 'install', 'download', ':env:']) {
    for (const line of text.split('\n')) {
      const [, where, key, quoted] = /^([\w:]+)\.([\w-]+)=(['"].*['"])\s*$/.exec(line) ?? [];
      if (where !== section || !key || !quoted) continue;
      const value = quoted.slice(1, -1).replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));
      settings.set(key, value);
    }
  }
  return settings;
}

/**
 * The index that pip asks when nothing is configured: its own help names it.
 * @param {string} help
 * @returns {string}
 */
export function parseDefaultIndex(help) {
  const found = /--index-url[^(]*\(default\s+(https?:\/\/[^\s)]+)/.exec(help)?.[1];
  if (found) return found;
  throw new SetupError('pip does not name its package index', {
    where: 'pip download --help',
    fix: 'Set PIP_INDEX_URL to the package index to use.',
  });
}

/**
 * @param {Map<string, string>} settings
 * @param {string} defaultIndex
 * @param {NodeJS.ProcessEnv} env
 * @returns {PipSources}
 */
export function pipSources(settings, defaultIndex, env) {
  const list = (/** @type {string} */ key) => (settings.get(key) ?? '').split(/\s+/).filter(Boolean);
  const noIndex = ['1', 'true', 'yes', 'on'].includes((settings.get('no-index') ?? '').toLowerCase());
  const folders = list('find-links').filter((place) => !/^https?:/.test(place));
  return {
    indexes: noIndex ? [] : [settings.get('index-url') || defaultIndex, ...list('extra-index-url')],
    folders: folders.map((place) =>
      place.startsWith('file:') ? fileURLToPath(place) : place.replace(/^~/, homedir()),
    ),
    route: { env, proxy: settings.get('proxy'), certificates: settings.get('cert') },
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {AbortSignal} signal
 * @returns {Promise<PipSources>}
 */
export async function readPipSources(env, signal) {
  const pip = (/** @type {string[]} */ ...args) =>
    run('python3', ['-m', 'pip', ...args], { env: { ...env, COLUMNS: '300' }, signal, fix: noPip });
  const settings = parsePipConfig(await pip('config', 'list'));
  const defaultIndex = settings.get('index-url') ?? parseDefaultIndex(await pip('download', '--help'));
  return pipSources(settings, defaultIndex, env);
}

/** @type {Record<string, string>} */
const entities = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** @param {string} text */
const unescape = (text) => text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name) => entities[name] ?? "'");

/**
 * One file of a project page, in either form of the simple index.
 * @param {{ text: string, type: string, base: URL }} page
 * @param {string} file
 * @returns {IndexFile | undefined}
 */
export function findFileInPage({ text, type, base }, file) {
  if (type.includes('json')) {
    const found = JSON.parse(text).files?.find(
      (/** @type {{ filename: string }} */ { filename }) => filename === file,
    );
    return found && { url: new URL(found.url, base), sha256: found.hashes?.sha256 };
  }
  const stated = /<base\s[^>]*href\s*=\s*["']([^"']+)/i.exec(text)?.[1];
  const from = stated ? new URL(unescape(stated), base) : base;
  for (const [, href] of text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)/gi)) {
    const url = new URL(unescape(href ?? ''), from);
    if (decodeURIComponent(url.pathname.split('/').at(-1) ?? '') !== file) continue;
    const sha256 = /^#sha256=([0-9a-f]{64})/.exec(url.hash)?.[1];
    url.hash = '';
    return { url, sha256 };
  }
  return undefined;
}

/**
 * Where a wheel lies: in a folder of pip's find-links, or behind one of its indexes.
 * @param {import('./pins.mjs').Wheel} wheel
 * @param {PipSources} sources
 * @param {AbortSignal} signal
 * @returns {Promise<URL>}
 * @throws {SetupError}
 */
export async function locateWheel({ project, file, sha256 }, { indexes, folders, route }, signal) {
  const local = folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
  if (local) return pathToFileURL(local);
  /** @type {string[]} */
  const answers = [];
  for (const index of indexes) {
    const page = new URL(`${index.replace(/\/+$/, '')}/${project}/`);
    const found = await askIndex(page, { file, route, signal }).catch((error) => {
      signal.throwIfAborted();
      return String(error instanceof Error ? error.message : error);
    });
    if (typeof found === 'string') {
      answers.push(`${withoutSecrets(page)}: ${found}`);
      continue;
    }
    if (found.sha256 && found.sha256 !== sha256) {
      throw new SetupError('The package index offers another file under the pinned name', {
        where: withoutSecrets(found.url),
        expected: `sha256 ${sha256}`,
        actual: `sha256 ${found.sha256}`,
        fix: 'Use an index that mirrors the public one unchanged (`pip config list` shows what is used).',
      });
    }
    if (found.url.host === page.host) {
      found.url.username = page.username;
      found.url.password = page.password;
    }
    return found.url;
  }
  throw new SetupError(`No package index has ${file}`, {
    where: indexes.map(withoutSecrets).join(', ') || `the folders ${folders.join(', ')}`,
    actual: answers.join('\n'),
    fix:
      'Check the network and `pip config list`, name another index with PIP_INDEX_URL, ' +
      'or put the file into a folder and name it with PIP_FIND_LINKS.',
  });
}

/**
 * @param {URL} page
 * @param {{ file: string, route: import('./http.mjs').Route, signal: AbortSignal }} query
 * @returns {Promise<IndexFile | string>} the file, or why there is none
 */
async function askIndex(page, { file, route, signal }) {
  const { url, response } = await get(page, { route, signal, headers: { accept } });
  const text = await readText(response);
  if (response.statusCode !== 200) return `status ${response.statusCode}`;
  const type = response.headers['content-type'] ?? 'text/html';
  return findFileInPage({ text, type, base: url }, file) ?? 'the project has no such file';
}
