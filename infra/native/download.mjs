import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeFileSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './http.mjs';
import { SetupError, codeOf, withoutSecrets } from './problem.mjs';

const maxFailuresInARow = 6;

/**
 * @typedef {object} DownloadRequest
 * @property {URL} url
 * @property {string} file grows while it is fetched; an interrupted one is gone on with
 * @property {number} bytes
 * @property {string} sha256
 * @property {import('./http.mjs').Route} route
 * @property {AbortSignal} signal
 * @property {(done: number) => void} [onProgress]
 * @property {(failures: number) => number} [pauseMs] before the next try
 */

/**
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** @param {string} file @returns {Promise<number>} */
const sizeOf = (file) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** @param {DownloadRequest} request @param {number} status */
function refused({ url }, status) {
  return new SetupError('The package index refuses a file', {
    where: withoutSecrets(url),
    expected: 'status 200 or 206',
    actual: `status ${status}`,
    fix: 'Check the index that pip is configured with (`pip config list`) and its credentials.',
  });
}

/**
 * Fetches what is missing of the file, once.
 * @param {DownloadRequest} request
 * @returns {Promise<void>}
 */
async function fetchRest(request) {
  const { url, file, bytes, route, signal, onProgress } = request;
  let done = await sizeOf(file);
  const headers = { 'accept-encoding': 'identity', ...(done > 0 && { range: `bytes=${done}-` }) };
  const { response } = await get(url, { route, signal, headers });
  const status = response.statusCode ?? 0;
  const continued =
    status === 206 && response.headers['content-range'] === `bytes ${done}-${bytes - 1}/${bytes}`;
  if (status !== 200 && !continued) {
    response.destroy();
    if (status === 206 || status === 416) return rm(file, { force: true });
    if (status >= 500 || status === 429 || status === 408) throw new Error(`the server answered ${status}`);
    throw refused(request, status);
  }
  if (!continued) done = 0;
  const descriptor = openSync(file, continued ? 'a' : 'w');
  try {
    await new Promise((resolve, reject) => {
      // Written as it comes: what arrived before a connection broke is not fetched again.
      response.on('data', (/** @type {Buffer} */ chunk) => {
        try {
          writeFileSync(descriptor, chunk);
          onProgress?.((done += chunk.length));
        } catch (error) {
          response.destroy(error instanceof Error ? error : undefined);
        }
      });
      response.once('end', resolve);
      response.once('error', reject);
      response.once('close', () => reject(new Error('the connection was closed')));
    });
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Fetches until the file has its length; a broken connection is taken up where it broke.
 * @param {DownloadRequest} request
 * @returns {Promise<void>}
 */
async function fetchAll(request) {
  const { file, bytes, signal, url, pauseMs = (failures) => Math.min(15_000, 500 * 2 ** failures) } = request;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(file);
    if (before === bytes) return;
    if (before > bytes) await rm(file);
    try {
      await fetchRest(request);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SetupError) throw error;
      if (codeOf(error) === 'ENOSPC') throw diskFull(file, error);
      failures = (await sizeOf(file)) > before ? 1 : failures + 1;
      if (failures >= maxFailuresInARow) throw unreachable(url, error);
    }
    if ((await sizeOf(file)) < bytes) await sleep(pauseMs(failures), undefined, { signal });
  }
}

/** @param {string} file @param {unknown} cause */
const diskFull = (file, cause) =>
  new SetupError('The disk is full', {
    where: file,
    fix: 'Free space there, or set VITRINE_CACHE_DIR to a folder on another disk. What was fetched is kept and gone on with.',
    cause,
  });

/** @param {URL} url @param {unknown} cause */
const unreachable = (url, cause) =>
  new SetupError('A file could not be fetched', {
    where: withoutSecrets(url),
    actual: `${maxFailuresInARow} tries in a row without a byte: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: 'Check the network, then start again: what was fetched is kept and gone on with.',
    cause,
  });

/**
 * Fetches a file of known length and digest. Broken connections and a break of this process are gone on from;
 * a file with another digest is removed and refused.
 * @param {DownloadRequest} request
 * @returns {Promise<void>}
 * @throws {SetupError}
 */
export async function download(request) {
  const { file, sha256, url } = request;
  const resumed = (await sizeOf(file)) > 0;
  await fetchAll(request);
  let actual = await sha256OfFile(file);
  if (actual !== sha256 && resumed) {
    // The part that lay there may be what is wrong, so the whole is fetched anew before anybody is blamed.
    await rm(file);
    await fetchAll(request);
    actual = await sha256OfFile(file);
  }
  if (actual === sha256) return;
  await rm(file);
  throw new SetupError('A fetched file is not the pinned one', {
    where: withoutSecrets(url),
    expected: `sha256 ${sha256}`,
    actual: `sha256 ${actual}`,
    fix: 'Somebody between here and the index changes files: check `pip config list` and the proxy. The file was removed.',
  });
}
