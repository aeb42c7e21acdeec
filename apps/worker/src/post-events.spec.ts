import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunEvent } from '@vitrine/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { postEvents } from './post-events.js';

const event: RunEvent = {
  type: 'stage',
  project: 'default',
  runId: 'run-1',
  stage: 'one',
  at: '2026-01-01T00:00:00.000Z',
  state: 'running',
};

let server: Server | undefined;
afterEach(async () => {
  if (!server) return;
  server.closeAllConnections();
  await once(server.close(), 'close');
  server = undefined;
});

/** An API that answers with a status; gives its address and what it was sent. */
async function api(status: number) {
  const requests: { url: string | undefined; authorization: string | undefined; body: unknown }[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        url: `${request.method} ${request.url}`,
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.writeHead(status).end('{"code":"x"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe('a batch of events', () => {
  it('is posted with the token', async () => {
    const { url, requests } = await api(202);
    expect(await postEvents(url, 'secret-token')([event])).toEqual({ outcome: 'accepted' });
    expect(requests).toEqual([
      { url: 'POST /internal/events', authorization: 'Bearer secret-token', body: { events: [event] } },
    ]);
  });

  it.each([
    [400, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [401, 'unavailable'],
    [404, 'unavailable'],
    [429, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('that is answered with %i is %s', async (status, outcome) => {
    const { url } = await api(status);
    expect(await postEvents(url, undefined)([event])).toEqual({
      outcome,
      why: `${url} answered ${status}: {"code":"x"}`,
    });
  });

  it('waits where nobody listens', async () => {
    const { url } = await api(200);
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    expect(await postEvents(url, undefined)([event])).toEqual({
      outcome: 'unavailable',
      why: `${url}: ECONNREFUSED`,
    });
  });
});
