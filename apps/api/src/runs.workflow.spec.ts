import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createS3Client, createS3Stores, ensureBucket, type Stores } from '@vitrine/artifact-store';
import {
  artifactListSchema,
  cacheExplanationSchema,
  failureFields,
  lineageSchema,
  runListSchema,
  runPlanSchema,
  runViewSchema,
  submitRunResponseSchema,
  VitrineError,
  type ArtifactRef,
  type LineageStep,
  type RunEvent,
  type RunView,
  type SubmitRunResponse,
} from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundleWorkflows, startScriptedWorker, type ScriptedWorker } from './testing/scripted-worker.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

const temporal = inject('temporal');
const s3 = inject('s3');
const client = createS3Client(s3);
const bucket = `api-${randomBytes(4).toString('hex')}`;
const pool = `pool-${randomBytes(4).toString('hex')}`;
const REPORT = '<!doctype html><title>A report</title>';

let stores: Stores;
let code: string;
let api: TestApi;
let worker: ScriptedWorker;
/** Stages of this name do not end before they are let go. */
const held = new Map<string, () => void>();
/** No-ops of all runs make the same bytes, unless this is set. */
let unique: string | undefined;
/** Stages of this name fail while this is set. */
let broken = false;

beforeAll(async () => {
  await ensureBucket(client, bucket);
  stores = createS3Stores({ client, bucket });
  code = await bundleWorkflows();
  api = await startTestApi({ temporal, stores });
  worker = await startWorker();
});

afterAll(async () => {
  await worker.stop();
  await api.close();
  client.destroy();
});

function startWorker(): Promise<ScriptedWorker> {
  return startScriptedWorker({
    temporal,
    stores,
    pool,
    code,
    runStage: async ({ project, stage, kind }) => {
      if (stage === 'held') await hold();
      if (stage === 'broken' && broken)
        throw ApplicationFailure.create({
          ...failureFields(new VitrineError('NonFiniteLoss', 'NaN.').toView()),
        });
      const outputs: Record<string, ArtifactRef> =
        kind === 'report'
          ? { report: await stores.artifacts(project).put('report', Buffer.from(REPORT)) }
          : {
              done: await stores
                .artifacts(project)
                .put('document', Buffer.from(unique ? `${unique} ${stage}` : '{}')),
            };
      return { outputs, summary: kind === 'report' ? { bytes: REPORT.length } : { steps: 0 } };
    },
  });
}

/** Until the test lets go, or the run is cancelled. */
async function hold(): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    await Promise.race([new Promise<void>((resolve) => held.set('held', resolve)), context.cancelled]);
  } finally {
    clearInterval(beat);
    held.delete('held');
  }
}

/** A stage counts as queued from when its pool is asked; its worker may not have taken it up yet. */
async function untilHeld(): Promise<void> {
  while (!held.has('held')) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function letGo(): Promise<void> {
  await untilHeld();
  held.get('held')?.();
}

function spec(stages: Record<string, object>, name = 'api-test'): unknown {
  return {
    version: 1,
    name,
    stages: Object.fromEntries(Object.entries(stages).map(([stage, fields]) => [stage, { pool, ...fields }])),
  };
}

async function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return api.fetch('/api/v1/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function submit(body: unknown, headers: Record<string, string> = {}): Promise<SubmitRunResponse> {
  const response = await post(body, headers);
  expect(response.status).toBe(201);
  return submitRunResponseSchema.parse(await response.json());
}

function pathOf({ project, runId }: SubmitRunResponse): string {
  return `/api/v1/runs/${project}/${runId}`;
}

async function view(run: SubmitRunResponse): Promise<RunView> {
  return runViewSchema.parse(await (await api.fetch(pathOf(run))).json());
}

async function until(run: SubmitRunResponse, holds: (view: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const seen = await view(run);
    if (holds(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function report(run: SubmitRunResponse, events: object[]): Promise<void> {
  const base = { ...run, stage: 'held', at: new Date().toISOString() };
  const batch = { events: events.map((event) => ({ ...base, ...event }) as RunEvent) };
  const response = await api.fetch('/internal/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });
  expect(response.status).toBe(202);
}

function step(step: number): object {
  const progress = {
    phase: 'train',
    step,
    total: 9,
    stepsPerSecond: 1,
    etaSeconds: null,
    metrics: { loss: 1 },
  };
  return { type: 'progress', progress };
}

const HELD = { held: { kind: 'noop' } };

describe('a run', () => {
  it('is submitted as YAML, carried through, sealed, and served with what it made', async () => {
    const yaml = `version: 1\nname: yaml-run\nstages:\n  a: { kind: noop, pool: ${pool} }\n  page: { kind: report, pool: ${pool} }\n`;
    const response = await api.fetch('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: yaml,
    });
    const run = submitRunResponseSchema.parse(await response.json());
    expect(run.runId).toMatch(/^yaml-run-\d{8}-\d{6}-[0-9a-f]{7}$/);
    const closed = await until(run, ({ status }) => status !== 'running');
    expect(closed).toMatchObject({ status: 'succeeded', stages: { a: { state: 'succeeded' } } });
    expect(await stores.runs.getSealed(run.project, run.runId)).toMatchObject({ status: 'succeeded' });

    const { artifacts } = artifactListSchema.parse(
      await (await api.fetch(`${pathOf(run)}/artifacts`)).json(),
    );
    expect(artifacts.map(({ stage, output }) => `${stage}.${output}`)).toEqual(['a.done', 'page.report']);
    const page = await api.fetch(`${pathOf(run)}/artifacts/page/report`);
    expect(await page.text()).toBe(REPORT);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/);
    expect(page.headers.get('content-disposition')).toMatch(/^inline/);
    const document = await api.fetch(`${pathOf(run)}/artifacts/a/done`);
    expect(document.headers.get('content-disposition')).toBe('attachment; filename="a-done.json"');
    expect(document.headers.get('x-content-type-options')).toBe('nosniff');
    const about = await api.fetch(`${pathOf(run)}/artifacts/page/report`, { method: 'HEAD' });
    expect([await about.text(), about.headers.get('content-length')]).toEqual(['', String(REPORT.length)]);
    const missing = await api.fetch(`${pathOf(run)}/artifacts/a/model`);
    expect(await missing.json()).toMatchObject({ code: 'NotFound', expected: 'one of a/done, page/report' });
  });

  it('shows while it is open what its stages report, and streams it until the end', async () => {
    const run = await submit(
      spec({ ...HELD, after: { kind: 'noop', inputs: { after: { x: 'held.done' } } } }),
    );
    await until(run, ({ stages }) => stages['held']?.state === 'queued');
    await report(run, [
      { type: 'attempt', epoch: 1, resumedFromStep: 0, worker: 'w' },
      step(1),
      step(2),
      step(3),
    ]);
    expect(await view(run)).toMatchObject({
      status: 'running',
      stages: {
        held: { state: 'running', epoch: 1, progress: { step: 3, metrics: { loss: 1 } } },
        after: { state: 'waiting', needs: ['held'] },
      },
    });
    const stream = await api.fetch(`${pathOf(run)}/events`, { headers: { 'last-event-id': '2' } });
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const whole = stream.text();
    await report(run, [step(4)]);
    await letGo();
    const text = await whole;
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(['3', '4', '5']);
    expect(text.endsWith('event: end\ndata: {}\n\n')).toBe(true);
    expect((await view(run)).status).toBe('succeeded');
  });

  it('is one run for one idempotency key, however often it is sent, and for one pipeline only', async () => {
    const key = { 'idempotency-key': `key-${bucket}` };
    const body = spec({ a: { kind: 'noop' } });
    const [first, second] = await Promise.all([submit(body, key), submit(body, key)]);
    expect(second).toEqual(first);
    await until(first, ({ status }) => status === 'succeeded');
    expect(await submit(body, key)).toEqual(first);
    const other = await post(spec({ b: { kind: 'noop' } }), key);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'Conflict', where: 'header Idempotency-Key' });
  });

  it('is refused when its description is too long to travel, with the longest stage named', async () => {
    const held = (length: number) => ({ kind: 'noop', approval: { message: 'x'.repeat(length) } });
    const stages = Object.fromEntries(
      Array.from({ length: 1800 }, (_, index) => [`stage-${index}`, held(index === 7 ? 999 : 900)]),
    );
    const refused = await post(spec(stages));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'InvalidSpec', where: 'stages.stage-7' });
  });

  it('is cancelled once, and not again', async () => {
    const run = await submit(spec(HELD));
    await until(run, ({ stages }) => stages['held']?.state === 'queued');
    const cancel = (): Promise<Response> => api.fetch(`${pathOf(run)}/cancel`, { method: 'POST' });
    expect((await cancel()).status).toBe(202);
    await until(run, ({ status }) => status === 'cancelled');
    const again = await cancel();
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: 'Conflict', actual: 'cancelled' });
  });

  it('is still shown, from its events, while no worker is there, and found again by the next one', async () => {
    const run = await submit(spec(HELD));
    await until(run, ({ stages }) => stages['held']?.state === 'queued');
    await report(run, [{ type: 'attempt', epoch: 1, resumedFromStep: 0, worker: 'w' }, step(5)]);
    await untilHeld();
    await worker.stop();
    expect(await view(run)).toMatchObject({
      status: 'running',
      stages: { held: { state: 'running', progress: { step: 5 } } },
    });
    worker = await startWorker();
    await api.fetch(`${pathOf(run)}/cancel`, { method: 'POST' });
    await until(run, ({ status }) => status === 'cancelled');
  });
});

describe('a run whose results are known', () => {
  const pages = (title: string) => ({
    a: { kind: 'report', params: { title } },
    b: { kind: 'report', params: { title: `${title}, again` } },
  });
  const outcomesOf = async (run: SubmitRunResponse) => {
    const { stages } = await until(run, ({ status }) => status === 'succeeded');
    return Object.fromEntries(Object.entries(stages).map(([name, { cache }]) => [name, cache?.outcome]));
  };
  const submitWith = async (query: string, body: unknown): Promise<SubmitRunResponse> => {
    const response = await api.fetch(`/api/v1/runs${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return submitRunResponseSchema.parse(await response.json());
  };

  it('computes nothing, unless it is told to', async () => {
    const body = spec(pages(`known in ${bucket}`));
    const first = await submit(body);
    expect(await outcomesOf(first)).toEqual({ a: 'miss', b: 'miss' });
    const second = await submit(body);
    expect(await outcomesOf(second)).toEqual({ a: 'hit', b: 'hit' });
    expect((await view(second)).stages['a']?.cache?.from).toEqual({ runId: first.runId, stage: 'a' });
    expect(await outcomesOf(await submitWith('?force=b', body))).toEqual({ a: 'hit', b: 'forced' });
    expect(await outcomesOf(await submitWith('?cache=off', body))).toEqual({ a: undefined, b: undefined });
  });

  it('regression for kubeflow/pipelines#5764 and kubeflow/pipelines#6002: says what changed against the nearest earlier result', async () => {
    const explain = async (run: SubmitRunResponse, stage: string) =>
      cacheExplanationSchema.parse(await (await api.fetch(`${pathOf(run)}/stages/${stage}/cache`)).json());
    const title = `explained in ${bucket}`;
    const first = await submit(spec(pages(title)));
    await outcomesOf(first);
    const changed = await submit(
      spec({ ...pages(title), b: { kind: 'report', params: { title: 'Other' } } }),
    );
    await outcomesOf(changed);
    expect(await explain(changed, 'a')).toMatchObject({
      cache: { outcome: 'hit' },
      text: `Stage a was not computed: its result was found, made by run ${first.runId}, stage a.`,
    });
    const { nearest, ...explanation } = await explain(changed, 'b');
    expect(explanation).toMatchObject({
      cache: { outcome: 'miss' },
      text: 'Stage b was computed: there is no result under its key.',
    });
    // Of all earlier results of stages of this name, one that differs in nothing but its title.
    expect(nearest?.differences.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^the parameter title: was ".*", is "Other"$/),
    ]);
    const unknown = await api.fetch(`${pathOf(changed)}/stages/c/cache`);
    expect(await unknown.json()).toMatchObject({ code: 'NotFound', expected: 'one of a, b', actual: 'c' });
  });

  it('is refused when it is to compute a stage anew that it does not have', async () => {
    const response = await api.fetch('/api/v1/runs?force=a&force=c', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec(pages('x'))),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'InvalidRequest',
      where: 'query: force',
      actual: 'c',
    });
  });
});

describe('a run that is repeated without a stage', () => {
  const ablate = (run: SubmitRunResponse, stage: string): Promise<Response> =>
    api.fetch(`${pathOf(run)}/ablate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stage }),
    });
  const after = (name: string) => ({ kind: 'noop', inputs: { after: { one: `${name}.done` } } });

  it('has its input in place of its output, takes over what comes before, and says of which run it is', async () => {
    const first = await submit(spec({ top: { kind: 'noop' }, off: after('top'), last: after('off') }));
    await until(first, ({ status }) => status === 'succeeded');
    const response = await ablate(first, 'off');
    expect(response.status).toBe(201);
    const started = submitRunResponseSchema.parse(await response.json());
    const view = await until(started, ({ status }) => status !== 'running');
    const { runId } = first;
    expect(view).toMatchObject({
      status: 'succeeded',
      ablationOf: { runId, stage: 'off', replaced: { done: 'top.done' }, dropped: [] },
    });
    expect(Object.keys(view.stages)).toEqual(['last', 'top']);
    expect(view.stages['top']?.cache).toMatchObject({ outcome: 'kept', from: { runId, stage: 'top' } });
    expect(view.stages['last']).toMatchObject({ needs: ['top'], state: 'succeeded' });
    expect(await (await ablate(first, 'top')).json()).toMatchObject({
      code: 'InvalidRequest',
      where: 'stages.top',
      actual: 'no inputs',
    });
    expect(await (await ablate(first, 'nosuch')).json()).toMatchObject({
      code: 'InvalidRequest',
      where: 'body: stage',
      actual: 'nosuch',
    });
  });
});

describe('a run that is repeated', () => {
  const rerun = async (run: SubmitRunResponse, body: object): Promise<Response> =>
    api.fetch(`${pathOf(run)}/rerun`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const repeated = async (run: SubmitRunResponse, body: object): Promise<RunView> => {
    const response = await rerun(run, body);
    expect(response.status).toBe(201);
    const started = submitRunResponseSchema.parse(await response.json());
    return until(started, ({ status }) => status !== 'running');
  };
  const outcomes = ({ stages }: RunView) =>
    Object.fromEntries(Object.entries(stages).map(([name, { cache }]) => [name, cache?.outcome]));
  const chain = (title: string, last: object = {}) => ({
    top: { kind: 'report', params: { title } },
    middle: { kind: 'noop' },
    broken: { kind: 'noop', inputs: { after: { middle: 'middle.done' } }, ...last },
  });

  it('regression for kubeflow/pipelines#8790 and kubeflow/pipelines#11329: goes on from the stage that failed, and takes over the rest', async () => {
    broken = true;
    const first = await submit(spec(chain(`repeated in ${bucket}`)));
    await until(first, ({ status }) => status === 'failed');
    broken = false;
    const second = await repeated(first, {});
    expect(second).toMatchObject({ status: 'succeeded', rerunOf: first.runId });
    // What is not kept for others is taken over all the same.
    expect(outcomes(second)).toEqual({ top: 'kept', middle: 'kept', broken: undefined });
    expect(second.stages['middle']?.cache?.from).toEqual({ runId: first.runId, stage: 'middle' });

    const third = await repeated(second, { from: ['middle'] });
    expect(outcomes(third)).toEqual({ top: 'kept', middle: undefined, broken: undefined });
    const changed = spec(chain('Another title'));
    expect(outcomes(await repeated(second, { spec: changed }))).toEqual({
      top: 'miss',
      middle: 'kept',
      broken: 'kept',
    });
    expect(await (await rerun(second, {})).json()).toMatchObject({
      code: 'Conflict',
      hint: expect.stringContaining('--from'),
    });
    expect(await (await rerun(second, { from: ['nosuch'] })).json()).toMatchObject({
      code: 'InvalidRequest',
      where: 'body: from',
      actual: 'nosuch',
    });
  });

  it('has to be closed, and to be', async () => {
    const run = await submit(spec(HELD));
    await until(run, ({ stages }) => stages['held']?.state === 'queued');
    expect(await (await rerun(run, {})).json()).toMatchObject({ code: 'Conflict', actual: 'running' });
    await letGo();
    await until(run, ({ status }) => status === 'succeeded');
    const unknown = { ...run, runId: 'never-was' };
    expect(await (await rerun(unknown, {})).json()).toMatchObject({ code: 'NotFound' });
  });
});

describe('an artifact', () => {
  it('is traced to all that it was made from, and to all that was made of it', async () => {
    const after = (...stages: string[]) => ({
      after: Object.fromEntries(stages.map((stage) => [stage, `${stage}.done`])),
    });
    unique = bucket;
    const run = await submit(
      spec({
        top: { kind: 'noop' },
        left: { kind: 'noop', inputs: after('top') },
        bottom: { kind: 'noop', inputs: after('left') },
      }),
    );
    const { stages } = await until(run, ({ status }) => status === 'succeeded');
    unique = undefined;
    const trace = async (stage: string) => {
      const sha256 = stages[stage]?.outputs?.['done']?.sha256;
      const response = await api.fetch(`/api/v1/lineage/${run.project}/${sha256}`);
      return lineageSchema.parse(await response.json());
    };
    const names = (steps: readonly LineageStep[]) => steps.map(({ stage }) => stage);
    const left = await trace('left');
    expect(names(left.upstream)).toEqual(['left', 'top']);
    expect(names(left.downstream)).toEqual(['bottom']);
    expect(left.upstream[0]).toMatchObject({
      runId: run.runId,
      kind: 'noop',
      inputs: [{ name: 'after.top', sha256: stages['top']?.outputs?.['done']?.sha256 }],
      outputs: [{ name: 'done', sha256: stages['left']?.outputs?.['done']?.sha256 }],
    });
    expect(names((await trace('top')).downstream)).toEqual(['left', 'bottom']);
    expect(names((await trace('bottom')).upstream)).toEqual(['bottom', 'left', 'top']);
    const unknown = await api.fetch(`/api/v1/lineage/default/${'0'.repeat(64)}`);
    expect(await unknown.json()).toMatchObject({ code: 'NotFound' });
  });
});

describe('a stage that needs approval', () => {
  it('is approved once, while it has not begun', async () => {
    const run = await submit(
      spec({ gated: { kind: 'noop', approval: { message: 'Look.' } }, free: { kind: 'noop' } }),
    );
    await until(run, ({ stages }) => stages['gated']?.state === 'held');
    const decide = async (stage: string): Promise<Response> =>
      api.fetch(`${pathOf(run)}/stages/${stage}/approval`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ approved: true, by: 'somebody' }),
      });
    expect(await (await decide('free')).json()).toMatchObject({
      code: 'Conflict',
      actual: 'a stage without it',
    });
    expect((await decide('gated')).status).toBe(202);
    const view = await until(run, ({ status }) => status !== 'running');
    expect(view).toMatchObject({
      status: 'succeeded',
      stages: { gated: { decision: { approved: true, by: 'somebody' } } },
    });
    expect(await (await decide('gated')).json()).toMatchObject({
      code: 'Conflict',
      actual: 'decided by somebody',
    });
  });
});

describe('a plan', () => {
  it('tells what would be found, why the rest is computed, what it takes, and what it waits for; starts nothing', async () => {
    const project = `plan-${randomBytes(3).toString('hex')}`;
    const of = (stages: Record<string, object>): object => ({ ...(spec(stages) as object), project });
    const page = (title: string) => ({ kind: 'report', params: { title } });
    const run = await submit(of({ a: page('first') }));
    await until(run, ({ status }) => status === 'succeeded');
    const response = await api.fetch('/api/v1/plans', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        of({ a: page('first'), b: page('second'), c: { kind: 'noop', pool: 'nobody-works-here' } }),
      ),
    });
    expect(response.status).toBe(200);
    const plan = runPlanSchema.parse(await response.json());
    expect(plan).toMatchObject({
      project,
      stages: [
        { stage: 'a', outcome: 'found', from: { runId: run.runId, stage: 'a' } },
        {
          stage: 'b',
          outcome: 'computed',
          reason: 'there is no result under its key',
          forecast: { samples: 1, differences: 1, bytes: { median: REPORT.length } },
        },
        { stage: 'c', outcome: 'computed', reason: 'its results are not kept' },
      ],
      pools: [
        { pool: 'nobody-works-here', hasWorkers: false },
        // How much waits is an estimate of the server's.
        { pool, hasWorkers: true, waiting: expect.any(Number) },
      ],
      total: { found: 1, computed: 2, withoutHistory: 1 },
    });
    expect(plan.stages[2]).not.toHaveProperty('forecast');
    expect(await stores.runs.listRunIds(project)).toEqual([run.runId]);
  });
});

describe('the list of runs', () => {
  it('has the newest first, page by page, filtered by status', async () => {
    const project = `list-${randomBytes(3).toString('hex')}`;
    const of = (stages: Record<string, object>): object => ({ ...(spec(stages) as object), project });
    const runs: SubmitRunResponse[] = [];
    for (let index = 0; index < 3; index += 1) runs.push(await submit(of({ a: { kind: 'noop' } })));
    for (const run of runs) await until(run, ({ status }) => status !== 'running');
    const open = await submit(of(HELD));
    const list = async (query: string) =>
      runListSchema.parse(await (await api.fetch(`/api/v1/runs?project=${project}${query}`)).json());
    const expected = [open, ...runs.toReversed()].map(({ runId }) => runId);
    const first = await list('&limit=3');
    expect(first.runs.map(({ runId }) => runId)).toEqual(expected.slice(0, 3));
    const rest = await list(`&limit=3&cursor=${first.nextCursor}`);
    expect(rest).toMatchObject({ runs: [{ runId: expected[3], status: 'succeeded' }] });
    expect(rest.nextCursor).toBeUndefined();
    for (;;) {
      const running = await list('&status=running');
      // Temporal's list of open runs lags a little.
      if (running.runs.length === 0) continue;
      expect(running.runs.map(({ runId }) => runId)).toEqual([open.runId]);
      break;
    }
    await api.fetch(`${pathOf(open)}/cancel`, { method: 'POST' });
    await until(open, ({ status }) => status === 'cancelled');
    expect(rest.runs[0]?.stages).toEqual({ total: 1, done: 1, failed: 0 });
    expect(first).toMatchObject({ total: 4, matching: 4 });
    const tail = open.runId.slice(-7);
    const counts = async (query: string): Promise<readonly number[]> => {
      const { runs: found, total, matching } = await list(query);
      return [found.length, matching, total];
    };
    expect(await counts(`&text=${tail.toUpperCase()}`)).toEqual([1, 1, 4]);
    expect(await counts('&status=succeeded&status=cancelled')).toEqual([4, 4, 4]);
    expect(await counts('&status=failed')).toEqual([0, 4, 4]);
    expect(await counts('&since=2099-01-01T00:00:00Z')).toEqual([0, 0, 4]);
    expect(await counts('&since=2020-01-01T00:00:00Z&pipeline=another')).toEqual([0, 0, 4]);
    const bad = await api.fetch(`/api/v1/runs?project=${project}&cursor=nonsense!`);
    expect(await bad.json()).toMatchObject({ code: 'InvalidRequest', where: 'query cursor' });
  });

  it('does not know runs that nobody submitted', async () => {
    const response = await api.fetch('/api/v1/runs/default/never-was');
    expect(await response.json()).toMatchObject({
      code: 'NotFound',
      status: 404,
      where: 'default/never-was',
    });
    expect((await api.fetch('/api/v1/runs/default/never-was/events')).status).toBe(404);
  });
});

describe('readiness', () => {
  it('is said when Temporal and S3 answer', async () => {
    const response = await api.fetch('/ready');
    expect(await response.json()).toMatchObject({ ready: true, temporal: { ok: true }, s3: { ok: true } });
  });
});
