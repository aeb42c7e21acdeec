import { readFileSync } from 'node:fs';
import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) =>
  parsePipelineSpec(parse(readFileSync(new URL(name, import.meta.url), 'utf8')), name);

describe('the pipelines of Vision DiffMask', () => {
  it.each(['./diffmask.cifar10.quick.yaml', './diffmask.cifar10.yaml', './diffmask.imagenet.yaml'])(
    '%s is valid and explains by trained gates',
    (name) => {
      const { stages } = read(name);
      const { explain } = stages;
      if (explain?.kind !== 'explain') expect.unreachable();
      else expect(Object.values(explain.inputs.gates ?? {})).toContain('gates.gates');
    },
  );

  it('the quick one trains gates twice, and only the update of the multiplier differs, and what is chosen of it', () => {
    const { gates, 'gates-as-released': released } = read('./diffmask.cifar10.quick.yaml').stages;
    if (gates?.kind !== 'train-diffmask' || released?.kind !== 'train-diffmask') expect.unreachable();
    else {
      const turned = { ...released.params.gates, multiplierUpdate: 'ascent' };
      expect({ ...released.params, gates: turned, select: gates.params.select }).toEqual(gates.params);
      expect(released.seed).toBe(gates.seed);
      expect(released.params.gates.multiplierUpdate).toBe('descent-as-released');
    }
  });

  it('the counting one differs between its gates by seed alone, but for those with the multiplier turned round', () => {
    const { stages } = read('./diffmask.counting.yaml');
    const all = Object.values(stages).flatMap((stage) => (stage.kind === 'train-diffmask' ? [stage] : []));
    expect(all.map(({ seed }) => seed)).toEqual([0, 1, 2, 0]);
    const [first, ...others] = all.map(({ params }) => ({
      ...params,
      select: 'within-tolerance',
      gates: { ...params.gates, multiplierUpdate: 'ascent' },
    }));
    for (const params of others) expect(params).toEqual(first);
    expect(all.map(({ params }) => params.gates.multiplierUpdate)).toEqual([
      ...['ascent', 'ascent', 'ascent'],
      'descent-as-released',
    ]);
  });
});
