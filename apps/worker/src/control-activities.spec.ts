import { createMemoryStores } from '@vitrine/artifact-store';
import { parsePipelineSpec, VitrineError, type RunRecord } from '@vitrine/contracts';
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

function parts() {
  const stores = createMemoryStores();
  const metrics = new MetricBuffer();
  return {
    runs: stores.runs,
    metrics,
    deps: { ...stores, emit: () => undefined, clock: () => new Date(), metrics },
  };
}

describe('sealing a run', () => {
  it('stores its record, once, however often it is tried', async () => {
    const { runs, deps } = parts();
    const { sealRun } = createControlActivities(deps);
    const ref = await sealRun(record);
    expect(await sealRun(record)).toEqual(ref);
    expect(await runs.getSealed('default', 'run-1')).toEqual({ format: 1, ...record });
  });

  it('counts its end, whoever it was', async () => {
    const { metrics, deps } = parts();
    await createControlActivities(deps).sealRun(record);
    expect(metrics.take()).toContainEqual({
      name: 'vitrine_runs_ended_total',
      labels: { project: 'default', status: record.status },
      values: [1],
    });
  });

  it('is given up only when another record is sealed already', async () => {
    const { sealRun } = createControlActivities(parts().deps);
    await sealRun(record);
    await expect(sealRun({ ...record, status: 'failed' })).rejects.toMatchObject({
      type: 'Conflict',
      nonRetryable: true,
    });
  });

  it.each(['StorageUnavailable', 'InvalidConfig'] as const)('is tried again after %s', async (code) => {
    const { runs, deps } = parts();
    const seal = (): Promise<never> => Promise.reject(new VitrineError(code, 'Not now.'));
    const { sealRun } = createControlActivities({
      ...deps,
      runs: Object.assign(Object.create(runs), { seal }),
    });
    await expect(sealRun(record)).rejects.toMatchObject({ type: code, nonRetryable: false });
  });
});
