import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import {
  backfillSchema,
  problemSchema,
  scheduleListSchema,
  scheduleViewSchema,
  type ScheduleView,
} from '@vitrine/contracts';
import { scheduleId } from '@vitrine/contracts/names';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api.js';

const own = randomBytes(4).toString('hex');
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ temporal: inject('temporal') });
  await api.parts.temporal.ensureSearchAttributes();
});
afterAll(() => api.close());

const start = {
  kind: 'pipeline',
  pipeline: { version: 1, name: 'small', stages: { only: { kind: 'noop' } } },
};
const schedule = (name: string, times: object, changes: object = {}) => ({
  ...{ version: 1, name: `${name}-${own}`, times, start },
  ...changes,
});

async function post(path: string, body: object): Promise<Response> {
  return api.fetch(`/api/v1/schedules${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function told(path: string, body: object = {}): Promise<ScheduleView> {
  const response = await post(path, body);
  return scheduleViewSchema.parse(await response.json());
}

async function problem(response: Response) {
  return problemSchema.parse(await response.json());
}

const of = (name: string): string => `/default/${name}-${own}`;
const view = async (name: string): Promise<ScheduleView> =>
  scheduleViewSchema.parse(await (await api.fetch(`/api/v1/schedules${of(name)}`)).json());

/** No worker of this file takes it up; those of others must not. */
async function endWhatStarted(name: string): Promise<void> {
  const { address, namespace } = inject('temporal');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const handle = client.schedule.getHandle(scheduleId('default', `${name}-${own}`));
  for (const { action } of (await handle.describe()).info.recentActions)
    await client.workflow.getHandle(action.workflow.workflowId).terminate();
  await connection.close();
}

describe('a schedule', () => {
  it('is made once, shown, and refused under the same name with other fields', async () => {
    const wanted = schedule('made', { cron: '0 0 1 1 *' });
    const made = await told('', wanted);
    expect(made).toMatchObject({ paused: false, counts: { taken: 0 }, recent: [] });
    expect(made.next.length).toBeGreaterThan(1);
    expect(await told('', wanted)).toEqual(made);
    const other = await post('', { ...wanted, overlap: 'allow-all' });
    expect(await problem(other)).toMatchObject({ code: 'Conflict', status: 409 });
    expect((await view('made')).spec.overlap).toBe('skip');
  });

  it('is paused with a note, goes on with another, and keeps both through an edit', async () => {
    const wanted = schedule('noted', { cron: '0 0 1 1 *' });
    await told('', wanted);
    expect(await told(`${of('noted')}/pause`, { note: 'holidays' })).toMatchObject({
      paused: true,
      note: 'holidays',
      next: [],
    });
    const edited = await told(`${of('noted')}/edit`, {
      ...wanted,
      overlap: 'buffer-one',
      catchUpSeconds: 60,
    });
    expect(edited).toMatchObject({
      ...{ paused: true, note: 'holidays' },
      spec: { overlap: 'buffer-one', catchUpSeconds: 60 },
    });
    const resumed = await told(`${of('noted')}/resume`, { note: 'back' });
    expect(resumed).toMatchObject({ paused: false, note: 'back' });
    expect(resumed.next.length).toBeGreaterThan(1);
  });

  it('begins paused when that is asked for', async () => {
    const made = await told('?paused=not%20yet', schedule('still', { everySeconds: 60 }));
    expect(made).toMatchObject({ paused: true, note: 'not yet' });
  });

  it('keeps its name', async () => {
    await told('', schedule('named', { cron: '0 0 1 1 *' }));
    const response = await post(`${of('named')}/edit`, schedule('other', { cron: '0 0 1 1 *' }));
    expect(await problem(response)).toMatchObject({ code: 'InvalidRequest', where: 'body: name' });
  });

  it('is listed, and not any more when it is deleted', async () => {
    await told('', schedule('listed', { cron: '0 0 1 1 *' }));
    const names = async (): Promise<string[]> => {
      const list = scheduleListSchema.parse(await (await api.fetch('/api/v1/schedules')).json());
      return list.schedules.map(({ name }) => name);
    };
    // The index hears of it a little later.
    while (!(await names()).includes(`listed-${own}`))
      await new Promise((resolve) => setTimeout(resolve, 100));
    await told(`${of('listed')}/delete`);
    expect(await problem(await api.fetch(`/api/v1/schedules${of('listed')}`))).toMatchObject({
      code: 'NotFound',
      status: 404,
    });
    expect((await post(`${of('listed')}/pause`, { note: 'too late' })).status).toBe(404);
  });

  it('says what a backfill would start, and starts nothing by that', async () => {
    await told('?paused=history', schedule('filled', { cron: '0 */6 * * *' }));
    const range = { from: '2026-01-01T00:00:00Z', until: '2026-01-01T18:00:00Z', dryRun: true };
    const response = await post(`${of('filled')}/backfill`, range);
    expect(backfillSchema.parse(await response.json())).toMatchObject({
      dryRun: true,
      times: ['00', '06', '12', '18'].map((hour) => `2026-01-01T${hour}:00:00.000Z`),
      start: { kind: 'pipeline', pipeline: 'small', stages: ['only'] },
    });
    expect((await view('filled')).counts.taken).toBe(0);
    const much = await post(`${of('filled')}/backfill`, { ...range, until: '2027-01-01T00:00:00Z' });
    expect(await problem(much)).toMatchObject({ code: 'InvalidRequest', where: 'body: until' });
  });

  it('triggered by the same request twice, starts once', async () => {
    await told('?paused=by%20hand', schedule('hand', { cron: '0 0 1 1 *' }, { overlap: 'allow-all' }));
    const trigger = () =>
      api.fetch(`/api/v1/schedules${of('hand')}/trigger`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'the-same' },
        body: '{}',
      });
    expect((await trigger()).status).toBe(202);
    expect((await trigger()).status).toBe(202);
    while ((await view('hand')).counts.taken === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await view('hand')).counts.taken).toBe(1);
    await endWhatStarted('hand');
  });
});

/** The minutes from a time on at which the clock of a zone shows what a cron of single numbers, lists, ranges and steps wants. */
function calendar(
  { zone, cron, from }: { zone: string; cron: string; from: string },
  count: number,
): string[] {
  const [minute, hour, day, month, weekday] = cron.split(' ').map(valuesOf);
  const found: string[] = [];
  for (let at = DateTime.fromISO(from, { zone: 'utc' }); found.length < count; at = at.plus({ minutes: 1 })) {
    const shown = at.setZone(zone);
    const matches =
      minute?.(shown.minute) &&
      hour?.(shown.hour) &&
      day?.(shown.day) &&
      month?.(shown.month) &&
      weekday?.(shown.weekday % 7);
    if (matches) found.push(at.toJSDate().toISOString());
  }
  return found;
}

function valuesOf(field: string): (value: number) => boolean {
  const parts = field.split(',').map((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [low, high] = range === '*' ? [0, 99] : range.split('-').map(Number);
    return (value: number): boolean =>
      value >= (low ?? 0) && value <= (high ?? low ?? 0) && (value - (low ?? 0)) % Number(step) === 0;
  });
  return (value) => parts.some((holds) => holds(value));
}

describe('the next times, as Temporal announces them, are those of an independent calendar', () => {
  // The days before a clock is put forward or back, in years that are to come; zones with an hour, half an hour and nothing to put.
  it.each([
    ['Europe/Berlin', '2028-03-25T22:00:00Z'],
    ['America/New_York', '2028-03-11T22:00:00Z'],
    ['America/New_York', '2028-11-04T22:00:00Z'],
    ['Australia/Lord_Howe', '2028-09-30T12:00:00Z'],
    ['America/St_Johns', '2028-03-12T01:00:00Z'],
    ['Asia/Kolkata', '2028-03-25T22:00:00Z'],
    ['UTC', '2028-03-25T22:00:00Z'],
  ])('in %s from %s on', async (zone, from) => {
    for (const { cron, next } of await announced(zone, from))
      expect(next, cron).toEqual(calendar({ zone, cron, from }, next.length));
  });

  // Temporal 1.29 counts by the later of the two, east of Greenwich, and does not go back: see ADR 141.
  it.each([
    ['Europe/Berlin', '2028-10-28T22:00:00Z', '2028-10-29T01:00:00Z'],
    ['Australia/Lord_Howe', '2028-03-31T12:00:00Z', '2028-04-01T15:00:00Z'],
  ])('in %s from %s on, but for some about the hour that is shown twice', async (zone, from, change) => {
    for (const { cron, next } of await announced(zone, from)) {
      const last = next.at(-1) ?? '';
      const all = calendar({ zone, cron, from }, 40).filter((at) => at <= last);
      expect(all, cron).toEqual(expect.arrayContaining(next));
      const distances = all
        .filter((at) => !next.includes(at))
        .map((at) => Math.abs(Date.parse(at) - Date.parse(change)) / 60_000);
      expect(Math.max(0, ...distances), cron).toBeLessThanOrEqual(120);
    }
  });
});

/** What Temporal announces for some crons. */
async function announced(zone: string, from: string): Promise<{ cron: string; next: string[] }[]> {
  const crons = ['*/20 * * * *', '30 2 * * *', '15,45 1-2 * * *'];
  return Promise.all(
    crons.map(async (cron, index) => {
      const name = `zone-${zone.toLowerCase().replace(/[^a-z]/g, '')}-${from.slice(5, 7)}-${index}`;
      const { next } = await told('', schedule(name, { cron, timeZone: zone, from }));
      expect(next.length, cron).toBeGreaterThan(4);
      return { cron, next };
    }),
  );
}
