import { readFileSync } from 'node:fs';
import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const path = new URL('./quick.yaml', import.meta.url);

describe('the quick pipeline', () => {
  it('is a valid pipeline that judges the trained, the hardened and the control model', () => {
    const spec = parsePipelineSpec(parse(readFileSync(path, 'utf8')), 'quick.yaml');
    const judged = Object.values(spec.stages).flatMap((stage) =>
      stage.kind === 'evaluate' ? [stage.inputs.model] : [],
    );
    expect(judged).toEqual(['train.model', 'harden.model', 'control.model']);
  });

  it('gives the hardened model and its control the same steps on the same images', () => {
    const { stages } = parsePipelineSpec(parse(readFileSync(path, 'utf8')), 'quick.yaml');
    const { harden, control } = stages;
    if (harden?.kind !== 'augmented-finetune' || control?.kind !== 'augmented-finetune') expect.unreachable();
    else {
      expect(harden.seed).toBe(control.seed);
      expect({ ...harden.params, objective: {} }).toEqual({ ...control.params, objective: {} });
      expect(harden.params.objective.kind).toBe('nullspace-noise');
      expect(control.params.objective.kind).toBe('plain');
    }
  });
});
