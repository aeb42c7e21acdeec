import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { drained } from './drained.js';
import type { Response } from './http.js';

/** Answers as `write` says, and gives back what the client got. */
async function answeredBy(write: (response: Response) => Promise<void>): Promise<IncomingMessage> {
  const server = createServer((_request, response) => void write(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [answer] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
  answer.once('close', () => server.close());
  return answer;
}

it('waiting for room again and again leaves no listeners behind', async () => {
  const counts = new Set<number>();
  const answer = await answeredBy(async (response) => {
    for (let piece = 0; piece < 64; piece += 1) {
      if (!response.write(Buffer.alloc(2 ** 20))) await drained(response);
      counts.add(response.listenerCount('close'));
    }
    response.end();
  });
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) bytes += piece.length;
  expect(bytes).toBe(64 * 2 ** 20);
  expect(counts.size).toBe(1);
});

it('waiting for room ends when nobody is there any more', async () => {
  await new Promise<void>((resolve) => {
    const answer = answeredBy(async (response) => {
      while (response.write(Buffer.alloc(2 ** 20))) await Promise.resolve();
      await drained(response);
      resolve();
    });
    void answer.then((begun) => begun.destroy());
  });
});
