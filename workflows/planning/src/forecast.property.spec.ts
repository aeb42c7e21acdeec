import { parsePipelineSpec, runPlanSchema, type PlannedLook, type StageSpec } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, intervalOf, type ComputedSample } from './forecast.js';
import { planRun } from './plan-run.js';
import { planView } from './plan-view.js';
import { randomPipeline } from './testing/random-pipeline.js';

const spec = parsePipelineSpec({
  version: 1,
  name: 'one',
  stages: { only: { kind: 'noop', params: { steps: 5 }, resources: { devices: 2 } } },
});
const stage = spec.stages['only'] as StageSpec;
const sample = (change: Partial<ComputedSample> = {}): ComputedSample => ({
  kind: 'noop',
  params: stage.params,
  seconds: 10,
  devices: 1,
  bytes: 100,
  ...change,
});

describe('an interval', () => {
  it('lies within its values, in order, and does not depend on theirs', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const { low, median, high } = intervalOf(values);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low <= median && median <= high).toBe(true);
        expect(intervalOf([...values].reverse())).toEqual({ low, median, high });
      }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => intervalOf([])).toThrow('expected values');
  });
});

describe('the forecast of a stage', () => {
  it('is taken from its like when there are any, whatever others took', () => {
    const other = sample({ params: { ...stage.params, steps: 9 }, seconds: 1000 });
    expect(forecast(stage, [other, sample(), other, sample({ seconds: 20 })])).toMatchObject({
      seconds: { low: 11, median: 15, high: 19 },
      deviceSeconds: { low: 22, median: 30, high: 38 },
      samples: 2,
      differences: 0,
    });
  });

  it('else from those that differ least, and says by how much', () => {
    const near = sample({ params: { ...stage.params, steps: 9 }, seconds: 7 });
    const far = sample({ params: { ...stage.params, steps: 9, stepMilliseconds: 9 } });
    expect(forecast(stage, [far, near])).toMatchObject({
      seconds: { median: 7 },
      samples: 1,
      differences: 1,
    });
  });

  it('is none without history of its kind', () => {
    expect(forecast(stage, [sample({ kind: 'train' })])).toBeUndefined();
  });
});

describe('the plan of a run', () => {
  it('is a valid one, whose chain takes no longer than all its stages one after another', () => {
    const looks = fc.infiniteStream(
      fc.constantFrom<PlannedLook>(
        { outcome: 'found' },
        { outcome: 'computed', reason: 'x' },
        { outcome: 'open', reason: 'y' },
        { outcome: 'skipped', reason: 'z' },
      ),
    );
    fc.assert(
      fc.property(randomPipeline, looks, (pipeline, stream) => {
        const request = planRun({
          spec: pipeline,
          runId: 'run-1',
          codeVersion: 'code',
          submittedAt: '2026-01-01T00:00:00.000Z',
        });
        const found = Object.keys(pipeline.stages).map((name) => [name, stream.next().value]);
        const plan = planView({
          request,
          looks: Object.fromEntries(found) as Record<string, PlannedLook>,
          history: [sample({ seconds: 3 }), sample({ seconds: 5 })],
        });
        expect(runPlanSchema.omit({ pools: true }).parse(plan)).toEqual(plan);
        const { total } = plan;
        const skipped = plan.stages.filter(({ outcome }) => outcome === 'skipped').length;
        expect(total.found + total.computed + skipped).toBe(plan.stages.length);
        expect(total.seconds.high).toBeLessThanOrEqual(total.deviceSeconds.high + 1e-9);
        expect(total.seconds.high > 0).toBe(total.computed > 0);
      }),
    );
  });
});
