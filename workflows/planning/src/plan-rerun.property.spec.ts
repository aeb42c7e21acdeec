import type { PipelineSpec, StageState } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRerun } from './plan-rerun.js';
import { planRun } from './plan-run.js';
import { descendants, needs } from './stage-order.js';
import { randomPipeline } from './testing/random-pipeline.js';

const AT = '2026-01-01T00:00:00.000Z';

function earlier(spec: PipelineSpec, states: readonly StageState[] = []) {
  const request = planRun({ spec, runId: 'run-1', codeVersion: 'old', submittedAt: AT });
  const stages = Object.keys(spec.stages).map((name, index) => [
    name,
    { state: states[index] ?? 'succeeded' },
  ]);
  return { request, stages: Object.fromEntries(stages) as Record<string, { state: StageState }> };
}

/** The pipeline with another parameter in one stage. */
function changedAt(spec: PipelineSpec, name: string): PipelineSpec {
  const changed = structuredClone(spec);
  Object.assign(changed.stages[name]?.params ?? {}, { steps: 12_345 });
  return changed;
}

const pipelineAndStage = randomPipeline.chain((spec) =>
  fc.tuple(fc.constant(spec), fc.constantFrom(...Object.keys(spec.stages))),
);

describe('a repeated run', () => {
  it('regression for flyteorg/flyte#3578: takes over what succeeded and comes after nothing that did not, and takes no skipped stage for one that succeeded', () => {
    const states = fc.infiniteStream(
      fc.constantFrom<StageState>('succeeded', 'failed', 'cancelled', 'skipped'),
    );
    fc.assert(
      fc.property(randomPipeline, states, (spec, stream) => {
        const all = Object.keys(spec.stages).map(() => stream.next().value ?? 'failed');
        const before = earlier(spec, all);
        const { options, again } = planRerun({ earlier: before, spec, from: [] });
        const keep = options.rerunOf?.keep ?? [];
        for (const name of Object.keys(spec.stages)) {
          const whole =
            before.stages[name]?.state === 'succeeded' &&
            needs(spec, name).every((need) => keep.includes(need));
          expect(keep.includes(name)).toBe(whole);
          expect(again.includes(name)).toBe(!whole);
        }
        expect(options.force).toEqual([]);
      }),
    );
  });

  it('computes a named stage and all after it anew, and nothing else', () => {
    fc.assert(
      fc.property(pipelineAndStage, ([spec, name]) => {
        const { options } = planRerun({ earlier: earlier(spec), spec, from: [name] });
        const after = descendants(spec, [name]);
        expect(options.force).toEqual(after);
        expect(options.rerunOf?.keep).toEqual(
          Object.keys(spec.stages)
            .filter((stage) => !after.includes(stage))
            .sort(),
        );
      }),
    );
  });

  it('does not take over a changed stage nor what comes after it, but lets it be found', () => {
    fc.assert(
      fc.property(pipelineAndStage, ([spec, name]) => {
        const { options, again } = planRerun({
          earlier: earlier(spec),
          spec: changedAt(spec, name),
          from: [],
        });
        expect(again).toEqual(descendants(spec, [name]));
        expect(options.force).toEqual([]);
      }),
    );
  });

  it('takes everything over when nothing failed, changed or was named', () => {
    fc.assert(
      fc.property(randomPipeline, (spec) => {
        expect(planRerun({ earlier: earlier(spec), spec, from: [] }).again).toEqual([]);
      }),
    );
  });

  it('does not take over a stage whose seed changed with that of the pipeline', () => {
    fc.assert(
      fc.property(randomPipeline, (spec) => {
        const { again } = planRerun({ earlier: earlier(spec), spec: { ...spec, seed: 99 }, from: [] });
        expect(again).toEqual(Object.keys(spec.stages).sort());
      }),
    );
  });
});
