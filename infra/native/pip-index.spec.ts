import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { findFileInPage, locateWheel, parseDefaultIndex, parsePipConfig, pipSources } from './pip-index.mjs';
import { describeProblem } from './problem.mjs';
import { serve, type FileServer } from './testing/file-server.js';

const file = 'part-1.0-py3-none-any.whl';
const sha256 = 'ab'.repeat(32);
const base = new URL('https://index.example/simple/part/');

describe('the settings of pip', () => {
  it('are read as Python writes them, the environment winning over files', () => {
    const settings = parsePipConfig(
      [
        ":env:.index-url='https://env.example/simple'",
        "download.index-url='https://download.example/simple'",
        "global.extra-index-url='https://one.example/\\nhttps://two.example/'",
        'global.cert="/etc/it\'s.pem"',
        "global.index-url='https://global.example/simple'",
        'a line of another kind',
      ].join('\n'),
    );
    expect(Object.fromEntries(settings)).toEqual({
      'index-url': 'https://env.example/simple',
      'extra-index-url': 'https://one.example/\nhttps://two.example/',
      cert: "/etc/it's.pem",
    });
  });

  it('decide which indexes and folders are asked', () => {
    const settings = new Map([
      ['extra-index-url', 'https://one.example/ https://two.example/'],
      ['find-links', '/wheels https://pages.example/links file:///more%20wheels'],
      ['proxy', 'proxy.example:3128'],
    ]);
    expect(pipSources(settings, 'https://default.example/simple', {})).toEqual({
      indexes: ['https://default.example/simple', 'https://one.example/', 'https://two.example/'],
      folders: ['/wheels', '/more wheels'],
      route: { env: {}, proxy: 'proxy.example:3128', certificates: undefined },
    });
    settings.set('no-index', '1');
    expect(pipSources(settings, 'https://default.example/simple', {}).indexes).toEqual([]);
  });

  it('fall back to the index that the help of pip names', () => {
    const help =
      '  -i, --index-url <url>   Base URL of the Python Package Index (default\n   https://index.example/simple). This';
    expect(parseDefaultIndex(help)).toBe('https://index.example/simple');
    expect(() => parseDefaultIndex('no such option')).toThrow('pip does not name its package index');
  });
});

describe('a page of the simple index', () => {
  it('gives the file in its JSON form', () => {
    const text = JSON.stringify({
      files: [
        { filename: 'part-0.9-py3-none-any.whl', url: '/old', hashes: {} },
        { filename: file, url: '../../packages/x.whl', hashes: { sha256 } },
      ],
    });
    expect(findFileInPage({ text, type: 'application/vnd.pypi.simple.v1+json', base }, file)).toEqual({
      url: new URL('https://index.example/packages/x.whl'),
      sha256,
    });
  });

  it('gives the file in its HTML form, by its address and not by its neighbours', () => {
    const text = `<html><a href="/p/${file}.metadata">m</a><a data-x="1"
      href="/p/a&amp;b/${file}#sha256=${sha256}">${file}</a></html>`;
    expect(findFileInPage({ text, type: 'text/html', base }, file)).toEqual({
      url: new URL(`https://index.example/p/a&b/${file}`),
      sha256,
    });
  });

  it('obeys a stated base address, and does not need a digest', () => {
    const text = `<base href="https://files.example/all/"><a href='${file}'>x</a>`;
    expect(findFileInPage({ text, type: 'text/html', base }, file)).toEqual({
      url: new URL(`https://files.example/all/${file}`),
      sha256: undefined,
    });
  });

  it('that lacks the file gives nothing', () => {
    expect(findFileInPage({ text: '<a href="x.whl">x</a>', type: 'text/html', base }, file)).toBeUndefined();
    expect(findFileInPage({ text: '{"files":[]}', type: 'application/json', base }, file)).toBeUndefined();
  });
});

describe('a wheel', () => {
  const wheel = { project: 'part', file, bytes: 3, sha256 };
  const { signal } = new AbortController();
  let server: FileServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  const indexWith = async (digest: string) => {
    const asked: string[] = [];
    server = await serve((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? ''}`);
      const found = request.url === '/second/part/';
      response.writeHead(found ? 200 : 404, { 'content-type': 'text/html' });
      response.end(`<a href="/files/${file}#sha256=${digest}">x</a>`);
    });
    const { host } = server.url;
    const indexes = [`http://${host}/first`, `http://me:pass%21@${host}/second/`];
    return { asked, sources: { indexes, folders: [], route: { env: {} } } };
  };

  it('is looked for in one index after the other, with the credentials of each', async () => {
    const { asked, sources } = await indexWith(sha256);
    const url = await locateWheel(wheel, sources, signal);
    expect(url.pathname).toBe(`/files/${file}`);
    expect(url.username).toBe('me');
    const authorization = `Basic ${Buffer.from('me:pass!').toString('base64')}`;
    expect(asked).toEqual(['/first/part/ ', `/second/part/ ${authorization}`]);
  });

  it('with another digest in the index is refused before it is fetched', async () => {
    const { sources } = await indexWith('cd'.repeat(32));
    const text = await locateWheel(wheel, sources, signal).catch(describeProblem);
    expect(text).toContain('offers another file under the pinned name');
    expect(text).toContain(`expected: sha256 ${sha256}`);
    expect(text).toContain(`actual:   sha256 ${'cd'.repeat(32)}`);
    expect(text).not.toContain('pass');
  });

  it('that no index has is named with what each answered, without passwords', async () => {
    const { sources } = await indexWith(sha256);
    const text = await locateWheel({ ...wheel, project: 'other', file: 'other.whl' }, sources, signal).catch(
      describeProblem,
    );
    expect(text).toContain('No package index has other.whl');
    expect(text).toContain(`${server?.url.href}first/other/: status 404`);
    expect(text).toContain('PIP_INDEX_URL');
    expect(text).not.toContain('pass');
  });

  it('in a find-links folder is taken from there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-links-'));
    try {
      await writeFile(join(folder, file), 'abc');
      const sources = { indexes: [], folders: ['/nowhere', folder], route: { env: {} } };
      expect((await locateWheel(wheel, sources, signal)).href).toBe(pathToFileURL(join(folder, file)).href);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
