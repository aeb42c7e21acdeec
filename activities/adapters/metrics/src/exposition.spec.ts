import { describe, expect, it } from 'vitest';
import { createMetrics } from './create-metrics.js';
import { createMetricsPage, EXPOSITION_TYPE, mergeExpositions } from './exposition.js';
import { serveMetrics } from './serve-metrics.js';

describe('pages of several exporters', () => {
  it('become one page, families together', () => {
    const one = '# HELP a An a.\n# TYPE a counter\na{x="1"} 1\n# HELP b A b.\n# TYPE b gauge\nb 2\n';
    const other = '# HELP a An a.\n# TYPE a counter\na{x="2"} 3\n# TYPE c gauge\nc 4\n# EOF\n';
    expect(mergeExpositions([one, other])).toBe(
      '# HELP a An a.\n# TYPE a counter\na{x="1"} 1\na{x="2"} 3\n# HELP b A b.\n# TYPE b gauge\nb 2\n# TYPE c gauge\nc 4\n',
    );
    expect(mergeExpositions(['', ''])).toBe('');
  });

  it('are served together, and one that is away costs its own samples only', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.set({ name: 'vitrine_pool_slots', labels: { pool: 'gpu' } }, 2);
    const sdk = await serveMetrics({
      page: {
        contentType: EXPOSITION_TYPE,
        text: () => Promise.resolve('# TYPE temporal_x counter\ntemporal_x 1\n'),
      },
      host: '127.0.0.1',
      port: 0,
    });
    const page = createMetricsPage({ metrics, exporters: [sdk.url] });
    const server = await serveMetrics({ page, host: '127.0.0.1', port: 0 });
    const answer = await fetch(server.url);
    expect(answer.headers.get('content-type')).toBe(EXPOSITION_TYPE);
    const both = await answer.text();
    expect(both).toContain('vitrine_pool_slots{pool="gpu"} 2\n');
    expect(both).toContain('temporal_x 1\n');
    await sdk.close();
    const alone = await (await fetch(server.url)).text();
    expect(alone).toContain('vitrine_pool_slots{pool="gpu"} 2\n');
    expect(alone).toContain(`# ${sdk.url} did not answer: ECONNREFUSED`);
    expect((await fetch(server.url.replace('/metrics', '/else'))).status).toBe(404);
    await server.close();
  });

  it('are not served on a port that is taken', async () => {
    const page = { contentType: EXPOSITION_TYPE, text: () => Promise.resolve('') };
    const first = await serveMetrics({ page, host: '127.0.0.1', port: 0 });
    const port = Number(new URL(first.url).port);
    await expect(serveMetrics({ page, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'InvalidConfig',
      details: { where: `VITRINE_METRICS_PORT, 127.0.0.1:${port}`, actual: 'EADDRINUSE' },
    });
    await first.close();
  });
});
