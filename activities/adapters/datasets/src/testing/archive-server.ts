import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ArchiveServer {
  readonly url: string;
  /** The range header of each request; undefined where there was none. */
  readonly ranges: (string | undefined)[];
  content: Buffer;
  etag: string;
  /** Bytes of the body that the coming answers hold back after, until `cut` is called; then answers are whole. */
  readonly breaks: number[];
  /** Breaks the connection that is held back. */
  cut: () => void;
  /** Takes the place of the usual answer. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/** A web server with one file that understands ranges, and breaks where a test says. */
export async function startArchiveServer(content: Buffer): Promise<ArchiveServer> {
  const server = createServer((request, response) => {
    archive.ranges.push(request.headers.range);
    if (archive.answer) archive.answer(request, response);
    else respond(archive, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const archive: ArchiveServer = {
    url: `http://127.0.0.1:${address.port}/archive.tar.gz`,
    ranges: [],
    content,
    etag: '"first"',
    breaks: [],
    cut: () => undefined,
    answer: undefined,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return archive;
}

function respond(archive: ArchiveServer, request: IncomingMessage, response: ServerResponse): void {
  const { range, 'if-range': validator } = request.headers;
  const asked = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  const start = validator === archive.etag ? asked : 0;
  const total = archive.content.length;
  if (start >= total) {
    response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    return;
  }
  const body = archive.content.subarray(start);
  const headers = { etag: archive.etag, 'content-length': body.length };
  if (start > 0)
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${total - 1}/${total}` });
  else response.writeHead(200, headers);
  const cut = archive.breaks.shift();
  if (cut === undefined) response.end(body);
  else {
    response.write(body.subarray(0, cut));
    archive.cut = () => request.socket.destroy();
  }
}
