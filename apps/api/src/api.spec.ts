import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePipelineSpec, problemSchema, type Problem, type RunEvent } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from './common/authentication.js';
import { TOKEN, startTestApi, type TestApi } from './testing/test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(async () => {
  await api.close();
});

const JSON_TYPE = { 'content-type': 'application/json' };

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
  expect(problem.hint).toMatch(/^[A-Z].+\.$/);
  return problem;
}

async function submit(body: string, headers: Record<string, string> = JSON_TYPE): Promise<Problem> {
  return problemOf(await api.fetch('/api/v1/runs', { method: 'POST', headers, body }));
}

describe('a wrong request', () => {
  it('is told every wrong field of the pipeline by its path', async () => {
    const stages = { train: { kind: 'train', params: { epochs: 'many', epoch: 3 } }, b: { kind: 'nope' } };
    const problem = await submit(JSON.stringify({ version: 1, name: 'x', stages }));
    expect(problem).toMatchObject({ code: 'InvalidSpec', status: 400 });
    expect(problem.actual?.split('\n')).toEqual([
      expect.stringMatching(/^stages\.train\.params\.epochs: .*expected number.*"many"$/),
      'stages.train.params: unknown field epoch',
      expect.stringMatching(/^stages\.b\.kind: expected kind to be one of train, .*, got "nope"$/),
    ]);
  });

  it('is told where JSON breaks off', async () => {
    const problem = await submit('{"version": 1,');
    expect(problem).toMatchObject({ code: 'InvalidRequest', expected: 'a JSON or YAML document in UTF-8' });
    expect(problem.actual).toMatch(/JSON/);
  });

  it('is told line and column where YAML breaks off', async () => {
    const problem = await submit('version: 1\nname: [x', { 'content-type': 'application/yaml' });
    expect(problem).toMatchObject({ code: 'InvalidSpec', where: 'body, line 2, column 9' });
  });

  it('is refused when YAML unfolds its aliases without end', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]'
        : `l${level}: &l${level} [${`*l${level - 1}, `.repeat(9)}]`,
    );
    const problem = await submit(levels.join('\n'), { 'content-type': 'application/yaml' });
    expect(problem).toMatchObject({ code: 'InvalidSpec', status: 400 });
    expect(problem.actual).toMatch(/alias/);
  });

  it('is refused without a body, and with one of another type', async () => {
    expect((await submit('')).actual).toContain('stages: ');
    expect(await submit('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      status: 415,
      code: 'InvalidRequest',
      expected: expect.stringContaining('application/json'),
      actual: 'content type application/x-www-form-urlencoded',
    });
  });

  it.each([
    ['JSON', JSON_TYPE],
    ['YAML', { 'content-type': 'application/yaml' }],
  ])('is refused when its %s is nested without end', async (_name, headers) => {
    const problem = await submit(`${'['.repeat(300)}${']'.repeat(300)}`, headers);
    expect(problem).toMatchObject({ status: 400, code: 'InvalidRequest', expected: 'at most 100 levels' });
  });

  it('is refused without a trace of a defect when it is nested as deep as a body may be long', async () => {
    const problem = await submit(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`);
    expect(problem).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });

  it('is refused when it is too large, with the limit', async () => {
    const problem = await submit(JSON.stringify({ name: 'x'.repeat(5_000_000) }));
    expect(problem).toMatchObject({ status: 413, code: 'InvalidRequest', expected: 'at most 4 MB' });
  });

  it.each([
    ['/api/v1/runs?limit=0', 'query: limit', 'limit: '],
    ['/api/v1/runs?limit=many', 'query: limit', 'limit: '],
    ['/api/v1/runs?colour=red', 'query: (document)', '(document): unknown field colour'],
    ['/api/v1/runs?status=lost', 'query: status', 'status: '],
    ['/api/v1/runs/default/UPPER', 'path: runId', 'runId: expected a run id'],
    ['/api/v1/runs/default/..%2f..%2fetc', 'path: runId', 'runId: expected a run id'],
    ['/api/v1/runs/default/x/artifacts/train/..%2fmodel', 'path: output', 'output: expected the name'],
  ])('to %s is told its wrong field', async (path, where, actual) => {
    const problem = await problemOf(await api.fetch(path));
    expect(problem).toMatchObject({ code: 'InvalidRequest', status: 400, where });
    expect(problem.actual).toContain(actual);
  });

  it('with a bad idempotency key or event id is told which header', async () => {
    const body = JSON.stringify({ version: 1, name: 'x', stages: { a: { kind: 'noop' } } });
    const key = await submit(body, { ...JSON_TYPE, 'idempotency-key': 'two words' });
    expect(key.where).toMatch(/^header Idempotency-Key/);
    const response = await api.fetch('/api/v1/runs/default/x/events', { headers: { 'last-event-id': 'x' } });
    expect((await problemOf(response)).where).toMatch(/^header Last-Event-ID/);
  });

  it('to an address that is not there is told where the addresses are listed', async () => {
    const problem = await problemOf(await api.fetch('/api/v2/runs'));
    expect(problem).toMatchObject({ code: 'NotFound', where: 'GET /api/v2/runs' });
    expect(problem.hint).toContain('openapi.json');
  });
});

describe('while Temporal is away', () => {
  it('the API is alive, and says what it misses', async () => {
    expect((await api.fetch('/health')).status).toBe(200);
    const response = await api.fetch('/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ready: false,
      s3: { ok: true },
      temporal: {
        ok: false,
        error: { code: 'TemporalUnavailable', where: '127.0.0.1:9, namespace default' },
      },
    });
  });

  it('a run is refused before anything is stored', async () => {
    const problem = await submit(JSON.stringify({ version: 1, name: 'x', stages: { a: { kind: 'noop' } } }));
    expect(problem).toMatchObject({ code: 'TemporalUnavailable', status: 503 });
    expect(await api.stores.runs.listRunIds('default')).toEqual([]);
  });
});

describe('logging in', () => {
  function session(): { authorization: string; cookie: string } {
    return {
      authorization: '',
      cookie: `${SESSION_COOKIE}=${api.parts.authentication.sign('session').value}`,
    };
  }

  it('turns a link into a session that reads', async () => {
    const made = await api.fetch('/api/v1/login-links', { method: 'POST' });
    const { url } = (await made.json()) as { url: string };
    expect(url).not.toContain(TOKEN);
    const opened = await fetch(url, { redirect: 'manual' });
    expect(opened.status).toBe(303);
    const cookie = opened.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    const headers = { authorization: '', cookie: cookie.split(';')[0] ?? '' };
    const about: unknown = await (await api.fetch('/api/v1/about', { headers })).json();
    expect(about).toMatchObject({
      version: '0.0.0-test',
      links: expect.arrayContaining([{ title: 'Temporal <page>', url: 'http://127.0.0.1:8233' }]),
    });
    expect((await api.fetch('/docs', { headers })).status).toBe(200);
    expect((await api.fetch('/api/v1/login-links', { method: 'POST', headers })).status).toBe(401);
  });

  it('goes on to the page that the link names, and to no other place', async () => {
    const link = (to: string): string =>
      `/login?ticket=${api.parts.authentication.sign('login').value}&to=${encodeURIComponent(to)}`;
    const opened = await api.fetch(link('/p/default/runs?q=status%3Afailed'));
    expect(opened.headers.get('location')).toBe('/p/default/runs?q=status%3Afailed');
    for (const to of ['https://example.org', '//example.org', '/\\example.org', '/p/x\r\nx: y', '/p/\\x'])
      expect((await api.fetch(link(to))).status, to).toBe(400);
  });

  it('lets a session change something for the own page of the API only', async () => {
    const { host, origin } = new URL(api.url);
    const headers = { ...JSON_TYPE, ...session() };
    const post = async (path: string, more: Record<string, string>): Promise<number> => {
      const response = await api.fetch(path, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: '{}',
      });
      await response.body?.cancel();
      return response.status;
    };
    // Refused for what it says, and no more for who says it.
    expect(await post('/api/v1/runs', { origin })).toBe(400);
    expect(await post('/api/v1/runs', {})).toBe(401);
    for (const other of ['null', 'http://127.0.0.1:1', `http://x.${host}`])
      expect(await post('/api/v1/runs', { origin: other }), other).toBe(401);
    for (const site of ['same-site', 'cross-site', 'none'])
      expect(await post('/api/v1/runs', { origin, 'sec-fetch-site': site }), site).toBe(401);
    for (const path of ['/api/v1/login-links', '/internal/events'])
      expect(await post(path, { origin }), path).toBe(401);
  });

  it('is explained to a browser that opens a page without it', async () => {
    const page = await api.fetch('/p/default/runs', { headers: { authorization: '' } });
    expect(page.status).toBe(401);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain('npx vitrine status');
  });

  it.each(['', 'x', '9999999999.x', `9999999999.${'A'.repeat(43)}`])(
    'is refused with the ticket %j',
    async (ticket) => {
      const problem = await problemOf(
        await api.fetch(`/login?ticket=${ticket}`, { headers: { authorization: '' } }),
      );
      expect(problem.code).toBe('Unauthorized');
    },
  );

  it('is not possible with a session used as a ticket', async () => {
    const session = api.parts.authentication.sign('session').value;
    expect((await api.fetch(`/login?ticket=${session}`)).status).toBe(401);
  });

  it.each(['', 'Bearer', 'Bearer ', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`])(
    'is needed when the header is %j',
    async (authorization) => {
      const response = await api.fetch('/api/v1/runs', { headers: { authorization } });
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      const problem = await problemOf(response);
      expect(JSON.stringify(problem)).not.toContain(TOKEN.slice(1));
    },
  );
});

describe('the dashboard', () => {
  it('is said to be missing while it is not built', async () => {
    expect(await problemOf(await api.fetch('/'))).toMatchObject({
      code: 'InvalidConfig',
      where: 'apps/web/dist',
    });
  });

  it('is one document for every page, whose styles carry a nonce of their own', async () => {
    await mkdir(join(api.parts.dashboard, 'assets'), { recursive: true });
    await writeFile(join(api.parts.dashboard, 'index.html'), '<meta content="__CSP_NONCE__"><b>page</b>');
    await writeFile(join(api.parts.dashboard, 'assets', 'main-a1_b.js'), 'let a;');
    await writeFile(join(api.parts.dashboard, 'secret.js'), 'let s;');
    const nonces = new Set<string>();
    for (const path of ['/', '/p/default/runs', '/p/default/runs/some-run?tab=logs']) {
      const page = await api.fetch(path);
      const text = await page.text();
      const [, nonce = ''] = /content="([^"]+)"><b>page/.exec(text) ?? [];
      expect(page.headers.get('content-security-policy'), path).toContain(`'nonce-${nonce}'`);
      expect(page.headers.get('cache-control')).toBe('no-store');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
    const script = await api.fetch('/assets/main-a1_b.js');
    expect([script.headers.get('content-type'), await script.text()]).toEqual([
      'text/javascript; charset=utf-8',
      'let a;',
    ]);
    for (const path of [
      '/assets/none.js',
      '/assets/../secret.js',
      '/assets/..%2Fsecret.js',
      '/assets/%2e%2e/secret.js',
    ])
      expect((await api.fetch(path)).status, path).toBe(404);
  });
});

describe('events from workers', () => {
  const base = { project: 'default', runId: 'some-run', stage: 'train', at: '2026-01-01T00:00:00.000Z' };
  const events: RunEvent[] = [
    { type: 'attempt', ...base, epoch: 2, resumedFromStep: 40, worker: 'host-1' },
    { type: 'log', ...base, level: 'warn', message: 'first' },
    { type: 'log', ...base, stage: 'judge', level: 'info', message: 'other stage' },
    { type: 'log', ...base, level: 'info', message: 'second' },
  ];

  async function post(batch: unknown): Promise<Response> {
    return api.fetch('/internal/events', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(batch) });
  }

  it('are stored, and their logs read page by page', async () => {
    const response = await post({ events });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ accepted: 4 });
    const path = '/api/v1/runs/default/some-run/logs?stage=train&limit=2';
    const first = (await (await api.fetch(path)).json()) as { next: number };
    expect(first).toMatchObject({
      lines: [{ message: 'attempt 2 on host-1, resumes from step 40' }, { level: 'warn', message: 'first' }],
      more: true,
    });
    const second: unknown = await (await api.fetch(`${path}&after=${first.next}`)).json();
    expect(second).toMatchObject({ lines: [{ sequence: 4, message: 'second' }], next: 4, more: false });
  });

  it('of a stage that the run has not are refused, of one that has said nothing are none', async () => {
    const run = { project: 'default', runId: 'known-run' };
    await api.stores.runs.putRequest({
      ...run,
      spec: parsePipelineSpec({ version: 1, name: 'tiny', stages: { train: { kind: 'noop' } } }),
      seeds: { train: 7 },
      codeVersion: 'abc',
      submittedAt: '2026-01-02T03:04:05.000Z',
    });
    await post({ events: [{ ...events[1], runId: run.runId, stage: 'judge' }] });
    const logs = '/api/v1/runs/default/known-run/logs?stage=';
    const problem = await problemOf(await api.fetch(`${logs}trian`));
    expect(problem).toMatchObject({ code: 'NotFound', expected: 'one of train', actual: 'trian' });
    expect(await (await api.fetch(`${logs}train`)).json()).toEqual({ lines: [], next: 1, more: false });
  });

  it('are refused as a whole when one is wrong, naming it', async () => {
    const problem = await problemOf(await post({ events: [events[0], { ...events[1], level: 'loud' }] }));
    expect(problem).toMatchObject({ code: 'InvalidRequest', where: 'body: events.1.level' });
  });

  it('cannot name a run outside the folder of events', async () => {
    const problem = await problemOf(await post({ events: [{ ...events[0], runId: '../../escape' }] }));
    expect(problem.where).toBe('body: events.0.runId');
  });
});

describe('metrics', () => {
  it('count requests by route pattern, never by address', async () => {
    await api.fetch('/api/v1/runs/default/some-secret-run/logs?limit=0');
    await api.fetch('/nowhere/at/all');
    const response = await api.fetch('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(
      /vitrine_http_request_seconds_count\{method="GET",route="\/api\/v1\/runs\/:project\/:runId\/logs",status="400"\} \d+/,
    );
    expect(text).toMatch(/_count\{method="GET",route="none",status="404"\} \d+/);
    expect(text).not.toContain('some-secret-run');
  });
});
