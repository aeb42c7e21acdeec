import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { get, proxyFor, readText } from './http.mjs';
import { serve, type FileServer } from './testing/file-server.js';

const { signal } = new AbortController();

describe('the proxy of an address', () => {
  const secure = new URL('https://files.example/x');

  it('is the one that pip names, else the one of the environment', () => {
    const env = { HTTPS_PROXY: 'http://env.example:1', http_proxy: 'plain.example:2' };
    expect(proxyFor(secure, { env, proxy: 'pip.example:3128' })?.href).toBe('http://pip.example:3128/');
    expect(proxyFor(secure, { env })?.href).toBe('http://env.example:1/');
    expect(proxyFor(new URL('http://files.example/x'), { env })?.href).toBe('http://plain.example:2/');
    expect(proxyFor(secure, { env: {} })).toBeUndefined();
  });

  it('is left out for the hosts of NO_PROXY and those below them', () => {
    const env = { https_proxy: 'http://proxy.example:1', no_proxy: 'other.example, .example' };
    expect(proxyFor(secure, { env })).toBeUndefined();
    expect(proxyFor(new URL('https://notexample/x'), { env })).toBeDefined();
    expect(proxyFor(secure, { env: { ...env, no_proxy: '*' } })).toBeUndefined();
  });
});

describe('a request', () => {
  const servers: FileServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  it('sends credentials to the host that they belong to and to no other', async () => {
    const seen: string[] = [];
    const other = await serve((request, response) => {
      seen.push(`other ${request.headers.authorization}`);
      response.end('content');
    });
    const first = await serve((request, response) => {
      seen.push(`first ${request.url} ${request.headers.authorization}`);
      const location = request.url === '/a' ? '/b' : other.url.href;
      response.writeHead(302, { location }).end();
    });
    servers.push(first, other);
    const { response } = await get(new URL(`http://me:word@${first.url.host}/a`), {
      route: { env: {} },
      signal,
    });
    expect(await readText(response)).toBe('content');
    expect(seen).toEqual(['first /a Basic bWU6d29yZA==', 'first /b Basic bWU6d29yZA==', 'other undefined']);
  });

  it('that is sent in circles ends', async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { location: '/' }).end());
    servers.push(server);
    await expect(get(server.url, { route: { env: {} }, signal })).rejects.toThrow(
      'sent on more than 5 times',
    );
  });

  it('goes through the proxy, with the credentials of the proxy', async () => {
    const seen: string[] = [];
    const proxy = await serve((request, response) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
      response.end('through');
    });
    servers.push(proxy);
    const env = { http_proxy: `http://me:word@${proxy.url.host}` };
    const { response } = await get(new URL('http://files.example/x?y=1'), { route: { env }, signal });
    expect(await readText(response)).toBe('through');
    expect(seen).toEqual(['http://files.example/x?y=1 Basic bWU6d29yZA==']);
  });

  it('to a secure address asks the proxy for a tunnel and says when it refuses', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(String(request.url));
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const env = { https_proxy: `http://127.0.0.1:${port}` };
    try {
      await expect(get(new URL('https://files.example/x'), { route: { env }, signal })).rejects.toThrow(
        `the proxy 127.0.0.1:${port} refused with status 407`,
      );
      expect(asked).toEqual(['files.example:443']);
    } finally {
      proxy.close();
    }
  });
});
