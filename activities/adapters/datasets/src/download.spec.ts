import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { download } from './download.js';
import { startArchiveServer } from './testing/archive-server.js';

it('gives up a server that says nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-download-'));
  const server = await startArchiveServer(Buffer.alloc(0));
  server.answer = (_, response) => response.writeHead(200, { 'content-length': 100 }).flushHeaders();
  const task = {
    sources: [server.url],
    md5: '',
    path: join(folder, 'file'),
    onProgress: () => undefined,
    signal: undefined,
    silenceMilliseconds: 50,
  };
  await expect(download(task)).rejects.toMatchObject({
    code: 'DatasetMissing',
    details: { actual: `${server.url}: silent for 0.05 s` },
  });
  await server.close();
  rmSync(folder, { recursive: true });
});
