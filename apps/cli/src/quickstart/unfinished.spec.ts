import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VitrineError, parsePipelineSpec, type RunStatus, type RunView } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunName } from '../client/api-client.js';
import { resumeOrSubmit } from './unfinished.js';

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'vitrine-quickstart-'));
});

afterEach(() => {
  rmSync(state, { recursive: true });
});

const spec = parsePipelineSpec({ version: 1, name: 'quick', stages: { a: { kind: 'noop' } } });
const wanted = { spec, codeVersion: 'code-1' };

/** Runs by id; what happened to them is what the tests look at. */
class Runs {
  readonly statuses = new Map<string, RunStatus>();
  private readonly keys = new Map<string, RunName>();

  submit(_spec: unknown, key: string): Promise<RunName> {
    const known = this.keys.get(key);
    if (known) return Promise.resolve(known);
    const runId = `quick-${this.statuses.size + 1}`;
    this.statuses.set(runId, 'running');
    const run = { project: 'default', runId };
    this.keys.set(key, run);
    return Promise.resolve(run);
  }

  view({ runId }: RunName): Promise<RunView> {
    const status = this.statuses.get(runId);
    if (!status) return Promise.reject(new VitrineError('NotFound', 'There is no such run.'));
    const view = { project: 'default', runId, pipeline: 'quick', status, submittedAt: '', stages: {} };
    return Promise.resolve(view);
  }

  cancel(run: RunName): Promise<RunView> {
    this.statuses.set(run.runId, 'cancelled');
    return this.view(run);
  }
}

describe('a second start', () => {
  it('goes on with the run that the first one was interrupted in', async () => {
    const api = new Runs();
    expect((await resumeOrSubmit(api, state, wanted)).kind).toBe('started');
    const second = await resumeOrSubmit(api, state, wanted);
    expect(second).toEqual({ kind: 'resumed', run: { project: 'default', runId: 'quick-1' } });
    expect(api.statuses.size).toBe(1);
  });

  it('finds the run of a start that died before it could note it', async () => {
    const api = new Runs();
    await resumeOrSubmit(api, state, wanted);
    rmSync(join(state, 'quickstart.json'));
    expect((await resumeOrSubmit(api, state, wanted)).run.runId).toBe('quick-1');
    expect(api.statuses.size).toBe(1);
  });

  it.each(['succeeded', 'failed', 'cancelled'] as const)(
    'starts a new run when the first one has %s',
    async (status) => {
      const api = new Runs();
      await resumeOrSubmit(api, state, wanted);
      api.statuses.set('quick-1', status);
      expect(await resumeOrSubmit(api, state, wanted)).toMatchObject({
        kind: 'started',
        run: { runId: 'quick-2' },
      });
      expect(api.statuses.get('quick-1')).toBe(status);
    },
  );

  it.each([
    [{ ...wanted, codeVersion: 'code-2' }, 'the code of the stages has changed since'],
    [{ ...wanted, spec: { ...spec, seed: 1 } }, 'the recipe has changed since'],
  ])('cancels a run that is not what is wanted any more, and says why', async (now, because) => {
    const api = new Runs();
    await resumeOrSubmit(api, state, wanted);
    expect(await resumeOrSubmit(api, state, now)).toMatchObject({ kind: 'replaced', because });
    expect([...api.statuses.values()]).toEqual(['cancelled', 'running']);
  });

  it('starts a new run when the store has been emptied or the note is damaged', async () => {
    await resumeOrSubmit(new Runs(), state, wanted);
    expect((await resumeOrSubmit(new Runs(), state, wanted)).kind).toBe('started');
    writeFileSync(join(state, 'quickstart.json'), '{"run');
    expect((await resumeOrSubmit(new Runs(), state, wanted)).kind).toBe('started');
  });

  it('does not take a run for lost while the API is away', async () => {
    const api = new Runs();
    await resumeOrSubmit(api, state, wanted);
    api.view = () => Promise.reject(new VitrineError('TemporalUnavailable', 'away'));
    await expect(resumeOrSubmit(api, state, wanted)).rejects.toMatchObject({ code: 'TemporalUnavailable' });
    expect(api.statuses.size).toBe(1);
  });
});
