import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ERRORS, ERROR_CODES } from '@vitrine/contracts';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.js';
import { openApiDocument } from './openapi.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

const committed = fileURLToPath(new URL('../openapi.json', import.meta.url));

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { name: string; in: string; schema?: object }[];
  readonly requestBody?: { content: Record<string, { schema?: object }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
  readonly security?: readonly object[];
}

let api: TestApi;
let app: NestExpressApplication;
let operations: (readonly [title: string, operation: Operation])[];

beforeAll(async () => {
  api = await startTestApi();
  app = await createApp(api.parts, false);
  await app.init();
  operations = Object.entries(openApiDocument(app).paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
});

afterAll(async () => {
  await app.close();
  await api.close();
});

describe('the description of the API', () => {
  it('is the committed one; after a change write it with `npx vitest run apps/api/src/openapi.spec.ts -u`', async () => {
    const text = await format(JSON.stringify(openApiDocument(app)), {
      ...(await resolveConfig(committed)),
      parser: 'json',
    });
    await expect(text).toMatchFileSnapshot(committed);
  });

  it('is what the API serves', async () => {
    const served: unknown = await (await api.fetch('/openapi.json')).json();
    expect(served).toEqual(JSON.parse(await readFile(committed, 'utf8')));
  });

  it('holds every route there is', () => {
    const router = app.getHttpAdapter().getInstance() as {
      router: { stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
    };
    const routes = router.router.stack.flatMap(({ route }) =>
      Object.keys(route?.methods ?? {}).map(
        (method) => `${method.toUpperCase()} ${(route?.path ?? '').replace(/:(\w+)/g, '{$1}')}`,
      ),
    );
    const documents = routes.filter((route) => !/^\w+ \/(docs|openapi\.json)/.test(route));
    expect(documents.length).toBeGreaterThan(10);
    expect(documents.toSorted()).toEqual(operations.map(([title]) => title).toSorted());
  });

  it('says of every route what it is for and what it answers', () => {
    for (const [title, { summary, responses }] of operations) {
      expect(summary, title).toMatch(/^[A-Z].{5,}[^.]$/);
      const successes = Object.entries(responses).filter(([status]) => status < '400');
      expect(successes.length, title).toBe(1);
      const [[, success] = []] = successes;
      const schemas = Object.values(success?.content ?? {}).map(({ schema }) => schema);
      expect(schemas.length, title).toBeGreaterThan(0);
      expect(
        schemas.every((schema) => schema !== undefined),
        title,
      ).toBe(true);
    }
  });

  it('says of every route which errors of the closed list it answers with, as problem documents', () => {
    for (const [title, { responses, security }] of operations) {
      const failures = Object.entries(responses).filter(([status]) => status >= '400');
      const open = security === undefined;
      expect(failures.length, title).toBeGreaterThan(open ? 0 : 1);
      expect('401' in responses || open, title).toBe(true);
      for (const [status, { description, content }] of failures) {
        const codes = ERROR_CODES.filter((code) => description.includes(`\`${code}\``));
        expect(codes.length, `${title} ${status}`).toBeGreaterThan(0);
        expect(
          codes.every((code) => ERRORS[code].http === Number(status)),
          `${title} ${status}`,
        ).toBe(true);
        expect(Object.keys(content ?? {}), `${title} ${status}`).toEqual(['application/problem+json']);
      }
    }
  });

  it('names every part of a path as a parameter with a schema', () => {
    for (const [title, { parameters = [] }] of operations) {
      const wanted = [...title.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const found = parameters.filter((parameter) => parameter.in === 'path');
      expect(found.map(({ name }) => name).toSorted(), title).toEqual(wanted.toSorted());
      expect(
        found.every(({ schema }) => schema !== undefined),
        title,
      ).toBe(true);
    }
  });

  it('describes the bodies of requests, although no decorator metadata is emitted', () => {
    const bodies = operations.flatMap(([title, { requestBody }]) =>
      requestBody ? [[title, requestBody.content['application/json']?.schema] as const] : [],
    );
    expect(Object.fromEntries(bodies)).toEqual({
      'POST /api/v1/plans': { $ref: '#/components/schemas/PipelineSpec' },
      'POST /api/v1/pools/{pool}/drain': { $ref: '#/components/schemas/WorkerDrain' },
      'PUT /api/v1/pools/{pool}/policy': { $ref: '#/components/schemas/PoolPolicy' },
      'POST /api/v1/runs': { $ref: '#/components/schemas/PipelineSpec' },
      'POST /api/v1/runs/{project}/{runId}/stages/{stage}/approval': {
        $ref: '#/components/schemas/Decision',
      },
      'POST /api/v1/runs/{project}/{runId}/ablate': { $ref: '#/components/schemas/AblateRequest' },
      'POST /api/v1/runs/{project}/{runId}/rerun': { $ref: '#/components/schemas/RerunRequest' },
      'POST /api/v1/sweeps': { $ref: '#/components/schemas/SweepSpec' },
      'POST /api/v1/sweeps/{project}/{sweepId}/edit': { $ref: '#/components/schemas/SweepEdit' },
      'POST /api/v1/sweeps/{project}/{sweepId}/replay': {
        $ref: '#/components/schemas/SweepReplayRequest',
      },
      'POST /api/v1/schedules': { $ref: '#/components/schemas/ScheduleSpec' },
      'POST /api/v1/schedules/{project}/{name}/edit': { $ref: '#/components/schemas/ScheduleSpec' },
      'POST /api/v1/schedules/{project}/{name}/pause': { $ref: '#/components/schemas/ScheduleNote' },
      'POST /api/v1/schedules/{project}/{name}/resume': { $ref: '#/components/schemas/ScheduleNote' },
      'POST /api/v1/schedules/{project}/{name}/backfill': {
        $ref: '#/components/schemas/BackfillRequest',
      },
      'POST /api/v1/models/{project}/{model}/promote': { $ref: '#/components/schemas/PromoteModel' },
      'POST /api/v1/models/{project}/{model}/rollback': { $ref: '#/components/schemas/RollBackModel' },
      'POST /internal/events': { $ref: '#/components/schemas/EventBatch' },
    });
  });

  it('refers only to schemas it holds', () => {
    const document = JSON.stringify(openApiDocument(app));
    const schemas = Object.keys(openApiDocument(app).components?.schemas ?? {});
    for (const [, name] of document.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(schemas).toContain(name);
    expect(document).not.toContain('__shared');
  });
});

describe('every route', () => {
  it('but liveness and login refuses a request without the token', async () => {
    const open: string[] = [];
    for (const [title] of operations) {
      const [method = '', path = ''] = title.split(' ');
      const filled = path.replace(/\{\w+\}/g, 'x');
      const response = await api.fetch(filled, { method, headers: { authorization: '' } });
      await response.body?.cancel();
      if (response.status !== 401) open.push(title);
    }
    for (const path of ['/docs', '/openapi.json', '/nowhere']) {
      const response = await api.fetch(path, { headers: { authorization: 'Bearer wrong' } });
      await response.body?.cancel();
      if (response.status !== 401) open.push(path);
    }
    expect(open.toSorted()).toEqual(['GET /health', 'GET /login']);
  });
});
