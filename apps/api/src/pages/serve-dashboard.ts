import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { VitrineError } from '@vitrine/contracts';
import type { Middleware, Response } from '../common/http.js';
import { isPage } from './log-in-page.js';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The file names that the build gives, and nothing with a path in it. */
const ASSET = /^\/assets\/([\w-]+(?:\.[\w-]+)*)$/;

/** Stands in the built page where the nonce of each answer goes. */
const NONCE = /__CSP_NONCE__/g;

/**
 * Serves the built dashboard: one document for every address of a page, since the page itself reads the address, and files
 * that are named after their contents.
 */
export function serveDashboard(folder: string): Middleware {
  return (request, response, next) => {
    const asset = ASSET.exec(request.path)?.[1];
    if (request.method !== 'GET' && request.method !== 'HEAD') next();
    else if (asset !== undefined) sendAsset(response, join(folder, 'assets', asset)).catch(() => next());
    else if (isPage(request.path)) sendPage(response, join(folder, 'index.html')).catch(next);
    else next();
  };
}

async function sendAsset(response: Response, path: string): Promise<void> {
  const { size } = await stat(path);
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.setHeader('content-length', size);
  response.setHeader('cache-control', 'private, max-age=31536000, immutable');
  response.setHeader('x-content-type-options', 'nosniff');
  createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** @throws VitrineError InvalidConfig when there is no page */
async function sendPage(response: Response, path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VitrineError('InvalidConfig', 'The dashboard is not built.', {
      where: 'apps/web/dist',
      expected: 'the page that `npm run build` makes',
      actual: 'no page',
      hint: 'Run `npm run build`. The API itself works without it: see /docs.',
      cause,
    });
  });
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', policy(nonce));
  response.setHeader('cache-control', 'no-store');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
  response.end(text.replace(NONCE, nonce));
}

/** Scripts only from here and never from text; styles that the editor makes carry the nonce. Reports stand in a frame of their own. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // Browsers write such attributes themselves where text is edited.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
