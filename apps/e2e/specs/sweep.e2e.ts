import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepViewSchema, trialViewSchema, type SweepView, type TrialView } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LocalStack, sleep } from '../src/local-stack.js';
import { smallSweep } from '../src/small-sweep.js';

const shownSchema = sweepViewSchema.extend({ trials: z.array(trialViewSchema) });
type Shown = z.infer<typeof shownSchema>;

describe('a sweep of real trainings', () => {
  let stack: LocalStack;
  let calm: Shown;

  beforeAll(async () => {
    stack = await LocalStack.up();
    const end = await start('calm');
    calm = await show(`calm/${end.sweepId}`);
  });

  afterAll(async () => {
    await stack.destroy();
  });

  async function fileOf(project: string): Promise<string> {
    const path = join(stack.stateDir, `${project}.json`);
    await writeFile(path, JSON.stringify(smallSweep(project)));
    return path;
  }

  async function start(project: string): Promise<SweepView> {
    const printed = await stack.vitrine('sweep', await fileOf(project), '--json');
    return sweepViewSchema.parse(JSON.parse(printed));
  }

  async function show(name: string): Promise<Shown> {
    return shownSchema.parse(JSON.parse(await stack.vitrine('sweep', 'show', name, '--json')));
  }

  /** Asked over HTTP: a command takes as long to start as a small trial to run. */
  async function until(name: string, holds: (view: SweepView) => boolean): Promise<SweepView> {
    for (;;) {
      const response = await stack.fetch(`/api/v1/sweeps/${name}`).catch(() => undefined);
      const view = response?.ok ? sweepViewSchema.parse(await response.json()) : undefined;
      if (view && holds(view)) return view;
      await sleep(100);
    }
  }

  /** SIGKILL to both servers, the API and the worker; who started them starts them again. */
  async function strikeEverything(): Promise<void> {
    const { temporal, s3, api, workers } = await stack.stackFile();
    for (const part of [temporal, s3, api, ...workers]) if (part) process.kill(part.pid, 'SIGKILL');
  }

  /** The stage is at work: it has told of a step. */
  async function atWork(project: string, { runs }: Pick<SweepView, 'runs'>): Promise<void> {
    const [run] = runs;
    if (!run) throw new Error('no trial is under way');
    await stack.seen({ project, runId: run.runId }, ({ type }) => type === 'progress');
  }

  it('trains the best third of a rung further, finds what was computed, and says what is best', () => {
    expect(calm).toMatchObject({
      status: 'succeeded',
      tally: { started: 3, completed: 1, stopped: 2, failed: 0, stages: { computed: 4, found: 1 } },
    });
    const reports = calm.trials.map((trial) => trial.reports.map(({ resource }) => resource));
    expect(reports.toSorted((one, other) => one.length - other.length)).toEqual([[4], [4], [4, 12]]);
    expect(calm.tally.best?.reports.at(-1)?.resource).toBe(12);
    expect(calm.tally.deviceSeconds).toBeGreaterThan(0);
  });

  it('is replayed under other schedulers without a device', async () => {
    const replay = async (...scheduler: string[]): Promise<unknown> =>
      JSON.parse(
        await stack.vitrine('sweep', 'replay', `calm/${calm.sweepId}`, '--scheduler', ...scheduler, '--json'),
      );
    expect(await replay('asha', '--set', 'minResource=4')).toMatchObject({ lost: 0, estimated: 0 });
    expect(await replay('none')).toMatchObject({ trials: 3, estimated: 2 });
  });

  it('regression for wandb/wandb#2692: with everything killed at once, then paused and resumed, comes to the same trials', async () => {
    const name = (await stack.vitrine('sweep', await fileOf('struck'), '--detach')).trim();
    await atWork('struck', await until(name, ({ runs }) => runs.length === 1));
    await strikeEverything();
    // Whoever answers has an API, a server and a worker behind it again.
    await until(name, ({ status }) => status === 'running');
    await stack.vitrine('sweep', 'pause', name);
    await until(name, ({ status, runs }) => status === 'paused' && runs.length === 0);
    await stack.vitrine('sweep', 'edit', name, '--device-seconds', '900');
    await stack.vitrine('sweep', 'resume', name);
    await until(name, ({ endedAt }) => endedAt !== undefined);
    const end = await show(name);
    expect(end).toMatchObject({ status: 'succeeded', budget: { trials: 3, deviceSeconds: 900 } });
    const comeTo = ({ trial, state, point, reports }: TrialView) => ({ trial, state, point, reports });
    expect(end.trials.map(comeTo)).toEqual(calm.trials.map(comeTo));
  });

  it('is stopped as a whole, listed, and refused with the path of a wrong field', async () => {
    const long = ['pipeline.stages.train.params.epochs', 'scheduler.minResource', 'resource.max'];
    const set = long.map((field) => `${field}=9000`);
    const file = await fileOf('stopped');
    const name = (await stack.vitrine('sweep', file, '--detach', '--set', ...set)).trim();
    await until(name, ({ runs }) => runs.length === 1);
    await stack.vitrine('sweep', 'stop', name);
    const end = await until(name, ({ endedAt }) => endedAt !== undefined);
    expect(end).toMatchObject({ status: 'stopped', tally: { started: 1, stopped: 1 }, runs: [] });
    const listed: unknown = JSON.parse(await stack.vitrine('sweeps', '--project', 'stopped', '--json'));
    expect(listed).toMatchObject({ sweeps: [{ sweepId: name.split('/')[1], status: 'stopped' }] });
    const wrong = stack.vitrine('sweep', await fileOf('wrong'), '--set', 'space.rate.high=0.00001');
    await expect(wrong).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('space.rate.high'),
    });
  });
});
