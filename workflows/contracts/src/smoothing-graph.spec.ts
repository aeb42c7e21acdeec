import { describe, expect, it } from 'vitest';
import { parsePipelineSpec } from './parse-pipeline.js';

const train = { kind: 'train' };
const denoiser = {
  kind: 'train-denoiser',
  params: { model: { diffusion: { steps: 2, schedule: 'linear' } } },
};
const certify = (params: object, more: object = {}) => ({
  kind: 'certify',
  inputs: { model: 'train.model', denoiser: 'denoiser.denoiser' },
  params: { sigma: 0.1, ...params },
  ...more,
});

/** The lines of the refusal of `train`, `denoiser` and these. */
function refusal(stages: Record<string, unknown>): string {
  try {
    parsePipelineSpec({ version: 1, name: 'x', stages: { train, denoiser, ...stages } });
    return '';
  } catch (error) {
    return (error as { details: { actual: string } }).details.actual;
  }
}

describe('noise that the denoiser of a pipeline does not reach', () => {
  const problem = 'expected at most 16.2144, what the 2 steps of the denoiser reach, got 17';

  it('is refused with the noise that it does, wherever it is asked for', () => {
    expect(refusal({ c: certify({ sigma: 16.2 }) })).toBe('');
    expect(refusal({ c: certify({ sigma: 17 }) })).toBe(`stages.c.params.sigma: ${problem}`);
    const inputs = { model: 'train.model', denoiser: 'denoiser.denoiser' };
    expect(refusal({ j: { kind: 'judge-attention', inputs, params: { sigma: 17 } } })).toBe(
      `stages.j.params.sigma: ${problem}`,
    );
    const explain = { kind: 'explain', inputs };
    const smoothing = { sigma: 17 };
    expect(refusal({ e: { ...explain, params: { smoothing, methods: ['smoothedAttention'] } } })).toBe(
      `stages.e.params.smoothing.sigma: ${problem}`,
    );
    expect(refusal({ e: { ...explain, params: { smoothing, methods: ['rollout'] } } })).toBe('');
  });

  it('is refused by its item where a stage is made many', () => {
    const forEach = { items: [0.1, 17], params: { sigma: 'item' } };
    expect(refusal({ c: certify({}, { forEach }) })).toBe(`stages.c.forEach.items.1: sigma: ${problem}`);
  });

  it('is no problem without a denoiser, nor where the denoisers are many', () => {
    expect(refusal({ c: { ...certify({ sigma: 17 }), inputs: { model: 'train.model' } } })).toBe('');
    const many = { ...denoiser, forEach: { items: [2, 1000], params: { 'model.diffusion.steps': 'item' } } };
    const forEach = { params: {} };
    expect(refusal({ denoiser: many, c: certify({ sigma: 17 }, { forEach }) })).toBe('');
  });
});

describe('attention of a model with sixteen tokens', () => {
  it('is certified with enough draws only, and refused with how many', () => {
    const attention = { k: 4, beta: 0.5 };
    expect(refusal({ c: certify({ attention: { ...attention, draws: 15 } }) })).toBe('');
    expect(refusal({ c: certify({ attention: { ...attention, draws: 14 } }) })).toBe(
      'stages.c.params.attention.draws: expected at least 15, the fewest that can certify anything of 16 tokens at alpha 0.0005 for all, got 14',
    );
  });

  it('has no top of all its tokens, also behind a stage that goes on with its model', () => {
    const problem = "expected from 1 to 15, fewer than the model's 16 tokens, got 16";
    const tuned = { kind: 'augmented-finetune', inputs: { model: 'train.model' } };
    const inputs = { model: 'tuned.model' };
    expect(refusal({ tuned, c: { ...certify({ attention: { k: 16 } }), inputs } })).toBe(
      `stages.c.params.attention.k: ${problem}`,
    );
    expect(refusal({ tuned, j: { kind: 'judge-attention', inputs, params: { k: 16 } } })).toBe(
      `stages.j.params.k: ${problem}`,
    );
    const circle = { kind: 'augmented-finetune', inputs: { model: 'circle.model' } };
    expect(refusal({ circle, c: { ...certify({}), inputs: { model: 'circle.model' } } })).toContain(
      'expected no cycle',
    );
  });
});
