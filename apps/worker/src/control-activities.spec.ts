import { createMemoryStores } from '@vitrine/artifact-store';
import {
  parsePipelineSpec,
  VitrineError,
  type RunRecord,
  type RunToSeal,
  type StageStatus,
} from '@vitrine/contracts';
import { MetricBuffer } from '@vitrine/metrics';
import { describe, expect, it } from 'vitest';
import { createControlActivities } from './control-activities.js';

const record: RunRecord = {
  request: {
    project: 'default',
    runId: 'run-1',
    spec: parsePipelineSpec({ version: 1, name: 'one', stages: { only: { kind: 'noop' } } }),
    seeds: { only: 1 },
    codeVersion: 'code',
    submittedAt: '2026-01-01T00:00:00.000Z',
  },
  status: 'succeeded',
  stages: { only: { kind: 'noop', pool: 'default', needs: [], state: 'succeeded' } },
  endedAt: '2026-01-01T00:00:01.000Z',
};

const { status, endedAt, stages } = record;
const run: RunToSeal = { end: { project: 'default', runId: 'run-1', status, endedAt }, pages: [], stages };

async function parts() {
  const stores = createMemoryStores();
  const metrics = new MetricBuffer();
  await stores.runs.putRequest(record.request);
  return {
    runs: stores.runs,
    metrics,
    deps: {
      ...stores,
      emit: () => undefined,
      clock: () => new Date(),
      metrics,
      datasets: { load: () => Promise.reject(new Error('none is read')) },
      builtCode: () => ({ codeVersion: 'code', kinds: {} }),
    },
  };
}

describe('sealing a run', () => {
  it('stores its record, once, however often it is tried', async () => {
    const { runs, deps } = await parts();
    const { sealRun } = createControlActivities(deps);
    const ref = await sealRun(run);
    expect(await sealRun(run)).toEqual(ref);
    expect(await runs.getSealed('default', 'run-1')).toEqual({ format: 1, ...record });
  });

  it('puts the pages of a long one together in their order', async () => {
    const { runs, deps } = await parts();
    const { sealRun, storeStages } = createControlActivities(deps);
    const stage: StageStatus = { kind: 'noop', pool: 'default', needs: [], state: 'skipped' };
    const pages = [await storeStages('default', { a: stage }), await storeStages('default', { b: stage })];
    await sealRun({ ...run, pages, stages: { c: stage } });
    const sealed = await runs.getSealed('default', 'run-1');
    expect(Object.keys(sealed?.stages ?? {})).toEqual(['a', 'b', 'c']);
    expect(sealed?.request).toEqual(record.request);
  });

  it('is tried again while its request is not in the store', async () => {
    const { sealRun } = createControlActivities((await parts()).deps);
    const end = { ...run.end, runId: 'run-2' };
    await expect(sealRun({ ...run, end })).rejects.toMatchObject({ type: 'NotFound', nonRetryable: false });
  });

  it('counts its end, whoever it was', async () => {
    const { metrics, deps } = await parts();
    await createControlActivities(deps).sealRun(run);
    expect(metrics.take()).toContainEqual({
      name: 'vitrine_runs_ended_total',
      labels: { project: 'default', status: record.status },
      values: [1],
    });
  });

  it('is given up only when another record is sealed already', async () => {
    const { sealRun } = createControlActivities((await parts()).deps);
    await sealRun(run);
    await expect(sealRun({ ...run, end: { ...run.end, status: 'failed' } })).rejects.toMatchObject({
      type: 'Conflict',
      nonRetryable: true,
    });
  });

  it.each(['StorageUnavailable', 'InvalidConfig'] as const)('is tried again after %s', async (code) => {
    const { runs, deps } = await parts();
    const seal = (): Promise<never> => Promise.reject(new VitrineError(code, 'Not now.'));
    const { sealRun } = createControlActivities({
      ...deps,
      runs: { getRequest: runs.getRequest.bind(runs), seal } as never,
    });
    await expect(sealRun(run)).rejects.toMatchObject({ type: code, nonRetryable: false });
  });
});
