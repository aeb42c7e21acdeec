import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePipelineSpec, parseSweepSpec, type RunRequest, type SweepRequest } from '@vitrine/contracts';
import { planRun } from '@vitrine/planning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRunId } from '@vitrine/planning';
import { Submissions } from './submissions.js';

let folder: string;
let made = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-submissions-'));
  made = 0;
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const spec = parsePipelineSpec({ version: 1, name: 'x', stages: { a: { kind: 'noop' } } });
const submission = { spec, options: { cache: true, force: [] } };
const AT = new Date('2026-01-02T03:04:05.678Z');

function make(): RunRequest {
  made += 1;
  const runId = makeRunId('x', AT, made);
  return planRun({ spec, runId, codeVersion: 'code', submittedAt: AT.toISOString() });
}

describe('an idempotency key', () => {
  it('stands for the request it was first used with, also after a restart', async () => {
    const first = await new Submissions(folder).once('key', submission, make);
    expect(await new Submissions(folder).once('key', submission, make)).toEqual(first);
    expect(made).toBe(1);
    expect((await new Submissions(folder).once('other', submission, make)).runId).not.toBe(first.runId);
  });

  it('gives all of those who come at once the same request', async () => {
    const stores = Array.from({ length: 8 }, () => new Submissions(folder));
    const requests = await Promise.all(stores.map((store) => store.once('key', submission, make)));
    expect(new Set(requests.map(({ runId }) => runId)).size).toBe(1);
    expect((await readdir(folder)).length).toBe(1);
  });

  it('is refused for another pipeline or other options, and free in another project', async () => {
    const submissions = new Submissions(folder);
    const { runId } = await submissions.once('key', submission, make);
    const { options } = submission;
    for (const other of [
      { spec: { ...spec, seed: 9 }, options },
      { spec, options: { ...options, cache: false } },
    ])
      await expect(submissions.once('key', other, make)).rejects.toMatchObject({ code: 'Conflict' });
    const elsewhere = { spec: { ...spec, project: 'other' }, options };
    expect((await submissions.once('key', elsewhere, make)).runId).not.toBe(runId);
  });
});

describe('a run id', () => {
  it('sorts by time whatever the pipeline is called, down to the millisecond', () => {
    expect(makeRunId('quick', AT, 0xabc)).toBe('quick-20260102-030405-2a60abc');
    const later = makeRunId('a', new Date(AT.getTime() + 1), 0);
    expect(later.slice(2) > makeRunId('a', AT, 0xffff).slice(2)).toBe(true);
  });

  it('of a sweep stands for one sweep, is refused for another, and is no key of a run', async () => {
    const submissions = new Submissions(folder);
    const sweep = parseSweepSpec({
      version: 1,
      name: 'x',
      pipeline: { version: 1, name: 'x', stages: { a: { kind: 'noop' } } },
      space: { steps: { type: 'int', low: 1, high: 9, set: 'stages.a.params.steps' } },
      objective: { metric: 'a.steps', direction: 'minimize' },
      budget: { trials: 3 },
    });
    const makeSweep = (): SweepRequest => {
      made += 1;
      const sweepId = makeRunId('x', AT, made);
      const submittedAt = AT.toISOString();
      return { project: 'default', sweepId, spec: sweep, codeVersion: 'code', submittedAt };
    };
    const first = await submissions.onceSweep('key', sweep, makeSweep);
    expect(await new Submissions(folder).onceSweep('key', sweep, makeSweep)).toEqual(first);
    expect(made).toBe(1);
    await expect(submissions.onceSweep('key', { ...sweep, seed: 9 }, makeSweep)).rejects.toMatchObject({
      code: 'Conflict',
      message: 'The idempotency key was used for another sweep.',
    });
    expect((await submissions.once('key', submission, make)).runId).not.toBe(first.sweepId);
  });
});
