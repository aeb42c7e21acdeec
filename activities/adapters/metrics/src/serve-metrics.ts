import { once } from 'node:events';
import { createServer } from 'node:http';
import { VitrineError } from '@vitrine/contracts';
import type { MetricsPage } from './exposition.js';

export interface MetricsServer {
  /** Address of the page. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeMetricsOptions {
  readonly page: MetricsPage;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/**
 * Serves the page at `/metrics`, for processes that have no web server of their own.
 * @throws VitrineError InvalidConfig when the port is taken
 */
export async function serveMetrics({ page, host, port }: ServeMetricsOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    page.text().then(
      (text) => response.writeHead(200, { 'content-type': page.contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new VitrineError('InvalidConfig', 'The metrics page could not be served.', {
      where: `VITRINE_METRICS_PORT, ${host}:${port}`,
      expected: 'a port that is free, or 0 for any',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      cause,
    });
  }
  const address = server.address();
  const actual = address !== null && typeof address !== 'string' ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
