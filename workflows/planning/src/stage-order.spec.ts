import { parsePipelineSpec, type StageState } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descendants, needs, planOrder } from './stage-order.js';
import { blockedStages, initialStates, readyStages } from './testing/asking-all-stages.js';
import { randomPipeline } from './testing/random-pipeline.js';

const diamond = parsePipelineSpec({
  version: 1,
  name: 'diamond',
  stages: {
    report: {
      kind: 'report',
      inputs: { evaluations: { right: 'right.evaluation', left: 'left.evaluation' } },
    },
    right: { kind: 'evaluate', inputs: { model: 'train.model' } },
    left: { kind: 'evaluate', inputs: { model: 'train.model' } },
    train: { kind: 'train' },
  },
});

describe('the needs of a stage', () => {
  it('are the stages it refers to, each once and by name', () => {
    expect(needs(diamond, 'report')).toEqual(['left', 'right']);
    expect(needs(diamond, 'train')).toEqual([]);
  });

  it('cannot be asked of a stage that is not there', () => {
    expect(() => needs(diamond, 'toString')).toThrow(
      'stage toString: expected one of left, report, right, train',
    );
  });
});

describe('the order of a pipeline', () => {
  it('puts every stage after those it needs, names deciding ties', () => {
    expect(planOrder(diamond)).toEqual(['train', 'left', 'right', 'report']);
  });

  it('holds each stage once, after all its needs, whatever the graph', () => {
    fc.assert(
      fc.property(randomPipeline, (spec) => {
        const order = planOrder(spec);
        expect([...order].sort()).toEqual(Object.keys(spec.stages).sort());
        for (const name of order)
          for (const need of needs(spec, name)) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
      }),
    );
  });

  it('does not depend on the order in which the stages are written', () => {
    fc.assert(
      fc.property(randomPipeline, (spec) => {
        const reversed = { ...spec, stages: Object.fromEntries(Object.entries(spec.stages).reverse()) };
        expect(planOrder(reversed)).toEqual(planOrder(spec));
      }),
    );
  });

  it('refuses a cycle and names its stages', () => {
    const cyclic = structuredClone(diamond);
    Object.assign(cyclic.stages['left'] ?? {}, { inputs: { model: 'right.model' } });
    Object.assign(cyclic.stages['right'] ?? {}, { inputs: { model: 'left.model' } });
    expect(() => planOrder(cyclic)).toThrow('stages left, report, right: expected no cycle');
  });
});

describe('the stages of a run', () => {
  const outcome = fc.constantFrom<StageState>('succeeded', 'failed', 'cancelled');

  it('all end when ready ones are run and blocked ones skipped, and run exactly when all needs succeeded', () => {
    fc.assert(
      fc.property(randomPipeline, fc.infiniteStream(outcome), (spec, outcomes) => {
        const states = initialStates(spec);
        for (;;) {
          for (const name of blockedStages(spec, states)) states[name] = 'skipped';
          const ready = readyStages(spec, states);
          if (ready.length === 0) break;
          expect(ready).toEqual([...ready].sort());
          for (const name of ready) states[name] = outcomes.next().value ?? 'succeeded';
        }
        for (const name of Object.keys(spec.stages)) {
          const allNeedsSucceeded = needs(spec, name).every((need) => states[need] === 'succeeded');
          expect(states[name]).not.toBe('waiting');
          expect(states[name] !== 'skipped').toBe(allNeedsSucceeded);
        }
      }),
    );
  });

  it('are sorted out at once in a graph with very many paths', () => {
    const layers = Array.from({ length: 12 }, (_, layer) =>
      Array.from({ length: 10 }, (_, i) => `s${layer}-${i}`),
    );
    const stages = layers.flatMap((names, layer) =>
      names.map((name) => {
        const after = (layers[layer - 1] ?? []).map((need) => [need, `${need}.done`]);
        return [name, { kind: 'noop', inputs: { after: Object.fromEntries(after) } }];
      }),
    );
    const spec = parsePipelineSpec({ version: 1, name: 'wide', stages: Object.fromEntries(stages) });
    expect(blockedStages(spec, initialStates(spec))).toEqual([]);
    expect(blockedStages(spec, { ...initialStates(spec), 's0-0': 'failed' })).toHaveLength(110);
  });

  it('wait while a stage they need is queued or running', () => {
    for (const state of ['queued', 'running'] as const) {
      const states = { ...initialStates(diamond), train: state };
      expect(readyStages(diamond, states)).toEqual([]);
      expect(blockedStages(diamond, states)).toEqual([]);
    }
  });
});

describe('what comes after a stage', () => {
  it('is every stage that needs it, directly or not, and the stage itself', () => {
    expect(descendants(diamond, ['left'])).toEqual(['left', 'report']);
    expect(descendants(diamond, ['train'])).toEqual(['left', 'report', 'right', 'train']);
    expect(descendants(diamond, [])).toEqual([]);
  });
});
