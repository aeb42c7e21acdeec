import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

const MAX_REDIRECTS = 5;

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * One GET request, redirects followed. Not `fetch`, which would unpack an archive that a server calls gzip-encoded, and
 * whose checksum is over the bytes as sent.
 */
export async function httpGet(url: string, options: GetOptions): Promise<IncomingMessage> {
  let target = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const answer = await send(target, options);
    const { statusCode = 0, headers } = answer;
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) return answer;
    answer.destroy();
    if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
    target = new URL(headers.location, target);
  }
}

function send(target: URL, { headers, signal }: GetOptions): Promise<IncomingMessage> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(target, { headers, signal }, resolve).on('error', reject).end();
  });
}
