import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';

/** What happens to the answer to one request: nothing, it is lost, or it is cut off after so many bytes of its body. */
export type Fault = 'none' | 'lose' | { readonly cutAfter: number };

export interface FaultyProxy {
  readonly endpoint: string;
  /** Requests seen, as `PUT /bucket/key`. */
  readonly seen: readonly string[];
  /** Asked for each request, in order. */
  plan: (request: IncomingMessage) => Fault;
  close(): Promise<void>;
}

/** An HTTP proxy before a real server whose connections break where a test says. */
export async function startFaultyProxy(upstream: string): Promise<FaultyProxy> {
  const seen: string[] = [];
  const target = new URL(upstream);
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const fault = proxy.plan(incoming);
    const { method, url: path, headers } = incoming;
    const forward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
      if (fault === 'lose') {
        // The server has done its work: only the answer goes missing.
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (fault === 'none') answer.pipe(outgoing);
      else if (fault.cutAfter === 0) {
        outgoing.flushHeaders();
        answer.resume().on('end', () => incoming.socket.destroy());
      } else cut(answer, fault.cutAfter, (piece) => outgoing.write(piece, () => incoming.socket.destroy()));
    });
    forward.on('error', () => incoming.socket.destroy());
    incoming.pipe(forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    plan: () => 'none',
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return proxy;
}

function cut(answer: IncomingMessage, after: number, last: (piece: Buffer) => void): void {
  const kept: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (piece: Buffer) => {
    if (bytes >= after) return;
    kept.push(piece);
    bytes += piece.length;
    if (bytes >= after) last(Buffer.concat(kept).subarray(0, after));
  });
}
