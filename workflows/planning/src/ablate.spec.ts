import { parsePipelineSpec, stagePorts } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { ablate } from './ablate.js';
import { seedsOf } from './plan-run.js';

const spec = parsePipelineSpec({
  version: 1,
  name: 'hardening',
  seed: 3,
  stages: {
    base: { kind: 'train' },
    harden: { kind: 'augmented-finetune', inputs: { model: 'base.model' } },
    judge: { kind: 'evaluate', inputs: { model: 'harden.model' } },
    'judge-base': { kind: 'evaluate', inputs: { model: 'base.model' } },
    report: {
      kind: 'report',
      inputs: {
        histories: { base: 'base.history', harden: 'harden.history' },
        evaluations: { before: 'judge-base.evaluation', after: 'judge.evaluation' },
      },
    },
  },
});

function switchOff(stage: string, { changes = {}, mayLose = true } = {}) {
  const changed = parsePipelineSpec({ ...spec, stages: { ...spec.stages, ...changes } });
  const described = changed.stages[stage];
  const ports = described && stagePorts(described);
  if (!ports) throw new Error(`no ports of ${stage}`);
  return ablate({ spec: changed, stage, ...ports, mayLose: () => mayLose });
}

describe('a stage that is switched to identity', () => {
  it('gives its input where its output of the same type was read, and others do without what nothing stands for', () => {
    const ablated = switchOff('harden');
    if (!('spec' in ablated)) throw new Error(ablated.where);
    expect(ablated.replaced).toEqual({ model: 'base.model' });
    expect(ablated.dropped).toEqual(['stages.report.inputs.histories.harden']);
    const { stages } = parsePipelineSpec(ablated.spec);
    expect(Object.keys(stages)).toEqual(['base', 'judge', 'judge-base', 'report']);
    expect(stages['judge']?.inputs).toEqual({ model: 'base.model' });
    expect(stages['report']?.inputs).toMatchObject({ histories: { base: 'base.history' } });
  });

  it('leaves the seeds of the others as they were, and the pipeline it was given', () => {
    const before = structuredClone(spec);
    const ablated = switchOff('harden');
    const { harden: _gone, ...others } = seedsOf(spec);
    expect('spec' in ablated && seedsOf(ablated.spec)).toEqual(others);
    expect(spec).toEqual(before);
  });

  it('is refused by the field that cannot do without what nothing stands for', () => {
    expect(switchOff('harden', { mayLose: false })).toEqual({
      where: 'stages.report.inputs.histories.harden',
      expected: 'an input of harden of type history that stands for its output history',
      actual: 'the inputs model: model',
    });
  });

  it('is refused when it takes nothing of the type of what it gives', () => {
    expect(switchOff('judge')).toMatchObject({ where: 'stages.judge', actual: 'the inputs model: model' });
    expect(switchOff('base', { mayLose: true })).toMatchObject({ where: 'stages.base', actual: 'no inputs' });
  });

  it('is refused when another stage makes demands on its result', () => {
    const after = { kind: 'noop', when: [{ stage: 'harden', field: 'steps', atLeast: 1 }] };
    expect(switchOff('harden', { changes: { after } })).toMatchObject({ where: 'stages.after.when' });
  });
});
