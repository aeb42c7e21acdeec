import { readFileSync } from 'node:fs';
import { parsePipelineSpec, type PipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const stagesOf = (name: string): PipelineSpec['stages'] =>
  parsePipelineSpec(parse(readFileSync(new URL(name, import.meta.url), 'utf8')), name).stages;

function finetuning(stages: PipelineSpec['stages'], name: string) {
  const stage = stages[name];
  if (stage?.kind !== 'augmented-finetune') throw new Error(`expected ${name} to finetune`);
  return stage;
}

/** What two arms do not have in common. */
function differences(stages: PipelineSpec['stages'], a: string, b: string): string[] {
  const [one, other] = [finetuning(stages, a), finetuning(stages, b)];
  expect([one.seed, one.inputs, one.forEach]).toEqual([other.seed, other.inputs, other.forEach]);
  const params = Object.entries(one.params);
  const others = new Map(Object.entries(other.params));
  return params.flatMap(([key, value]) =>
    JSON.stringify(value) === JSON.stringify(others.get(key)) ? [] : [key],
  );
}

const STUDIES = ['./nullspace.cifar10.study.yaml', './nullspace.cifar10.yaml'];

describe('the pipelines of the nullspace method', () => {
  it.each(STUDIES)(
    '%s differs between a method and its control in one thing, with three seeds each',
    (name) => {
      const stages = stagesOf(name);
      for (const arm of ['nullspace', 'random', 'pgd', 'trades'])
        expect(differences(stages, 'plain', arm)).toEqual(['objective']);
      expect(differences(stages, 'strong', 'nullspace-strong')).toEqual(['objective']);
      expect(differences(stages, 'plain-released', 'nullspace-released')).toEqual(['objective']);
      expect(differences(stages, 'nullspace', 'nullspace-released')).toEqual(['recipe']);
      expect(differences(stages, 'plain', 'strong')).toEqual(['augmentation']);
      expect(differences(stages, 'plain', 'plain-released')).toEqual(['recipe']);
      expect(differences(stages, 'nullspace', 'nullspace-batch-stop')).toEqual(['synthesis']);
      expect(finetuning(stages, 'nullspace').params.synthesis.stopOn).toBeUndefined();
      expect(finetuning(stages, 'nullspace-batch-stop').params.synthesis).toEqual({
        ...finetuning(stages, 'nullspace').params.synthesis,
        stopOn: 'batch',
      });
      expect(finetuning(stages, 'plain').forEach?.items).toHaveLength(3);
    },
  );

  it.each([...STUDIES, './nullspace.imagenet.yaml'])(
    '%s holds finetuning with noise against every control that it has, in its report',
    (name) => {
      const stages = stagesOf(name);
      const { report } = stages;
      if (report?.kind !== 'report') throw new Error('expected a report');
      const { comparisons = [] } = report.params;
      const arms = new Set(
        Object.keys(report.inputs?.study ?? {}).map((label) => label.replace(/-\d+$/, '')),
      );
      for (const { arm, against } of comparisons) {
        expect(arms).toContain(arm);
        expect(arms).toContain(against);
      }
      const against = comparisons.filter(({ arm }) => arm === 'nullspace').map((each) => each.against);
      const controls = ['plain', 'random', 'pgd', 'trades', 'strong', 'nullspace-batch-stop'];
      expect(against).toEqual(expect.arrayContaining(controls.filter((control) => control in stages)));
      expect(against).toEqual(expect.arrayContaining(['plain', 'random']));
      // What is not compared by itself is what another arm is compared with.
      const compared = new Set(comparisons.flatMap((each) => [each.arm, each.against]));
      expect(compared).toEqual(arms);
    },
  );

  it('the quick one finetunes with noise, with random noise and without, in equal steps', () => {
    const stages = stagesOf('./nullspace.cifar10.quick.yaml');
    for (const arm of ['random', 'plain']) expect(differences(stages, 'harden', arm)).toEqual(['objective']);
    expect(stages['influence']).toMatchObject({ kind: 'noise-influence', inputs: { model: 'train.model' } });
  });

  it('the one for ImageNet has the protocol of the paper, for three models by their parameters', () => {
    const stages = stagesOf('./nullspace.imagenet.yaml');
    const { params } = finetuning(stages, 'nullspace');
    expect(params).toMatchObject({
      ...{ rounds: 20, stepsPerRound: 40, batchSize: 128, optimizer: { learningRate: 1e-5 } },
      synthesis: { epsilon: 0.03, limit: 3, learningRate: 0.1, rounds: 3, fraction: 0.1 },
    });
    for (const arm of ['random', 'plain'])
      expect(differences(stages, 'nullspace', arm)).toEqual(['objective']);
    const text = readFileSync(new URL('./nullspace.imagenet.yaml', import.meta.url), 'utf8');
    const base = parse(text) as { parameters: Record<string, { default: unknown }> };
    base.parameters['width'] = { ...base.parameters['width'], default: 768 };
    base.parameters['heads'] = { ...base.parameters['heads'], default: 12 };
    base.parameters['patchSize'] = { ...base.parameters['patchSize'], default: 32 };
    expect(parsePipelineSpec(base).stages['given']).toMatchObject({
      params: { model: { width: 768, heads: 12, patchSize: 32 } },
    });
  });
});
