import {
  certificationSchema,
  denoiserSpecSchema,
  stageDefinition,
  type ArtifactRef,
} from '@vitrine/contracts';
import { initUnet } from '@vitrine/ml-nn';
import { certifiedAccuracy, parseCertificationLog } from '@vitrine/ml-smoothing';
import { decodeSafetensors, eagerExecutor, type HostTensor } from '@vitrine/ml-tensor';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeDenoiser } from './denoiser-artifact.js';
import { MemoryArtifacts } from './testing/memory-artifacts.js';
import { smallDenoiserParams } from './testing/small-denoiser.js';
import { putSmallModel, tensorsHeld } from './testing/small-model.js';
import { CancelRequest, Killed, StageHarness, type Attempt } from './testing/stage-harness.js';

const params = {
  test: { limit: 4 },
  sigma: 0.1,
  alpha: 0.01,
  selection: 8,
  draws: 48,
  batchSize: 16,
  chunk: 2,
};
const attention = { k: 2, beta: 0.5, draws: 16 };
/** Operation by operation: the graph of a U-Net takes seconds to prepare, and these are many attempts. */
const artifacts = new MemoryArtifacts();
const eagerly = (over: object): StageHarness<'certify'> =>
  new StageHarness('certify', { ...params, ...over }, artifacts, { executor: eagerExecutor });
const harness = eagerly({});
let model: ArtifactRef;
let denoiser: ArtifactRef;
let undisturbed: Attempt<'certify'>;

async function end({ product, error }: Attempt<'certify'>, from: StageHarness<'certify'> = harness) {
  if (!product) throw error;
  const { outputs, summary } = product;
  const certification = certificationSchema.parse(
    JSON.parse(await from.artifacts.text(outputs.certification)),
  );
  return { outputs, summary, certification, digests: Object.values(outputs).map(({ sha256 }) => sha256) };
}

beforeAll(async () => {
  model = await putSmallModel(harness.artifacts);
  const spec = denoiserSpecSchema.parse(smallDenoiserParams.model);
  // Weights that say something: the last layer of a new one is zero.
  const weights = Object.entries(initUnet(spec, 2)).map(([name, host]): [string, HostTensor] => [
    name,
    name === 'out.2.weight'
      ? { ...host, data: host.data.map((_, i) => 0.05 * Math.sin(i)) as Float32Array }
      : host,
  ]);
  denoiser = await harness.artifacts.put(
    'denoiser',
    encodeDenoiser({ spec, weights: Object.fromEntries(weights) }),
  );
  undisturbed = await harness.attempt({ model, denoiser });
});

describe('certification', () => {
  it('gives every image a row, in one table and another, with the curve that follows from them', async () => {
    const { certification, outputs, summary } = await end(undisturbed);
    const { examples, curve, origin } = certification;
    expect(examples.map(({ idx }) => idx)).toEqual([0, 1, 2, 3]);
    expect(origin.kind === 'computed' && origin.step).toBeGreaterThan(0);
    const log = parseCertificationLog(await harness.artifacts.text(outputs.certificates));
    expect(log).toEqual(
      examples.map(({ idx, label, predict, radius, correct }) => ({ idx, label, predict, radius, correct })),
    );
    const table = await harness.artifacts.get(outputs.table);
    const file = table.buffer.slice(table.byteOffset, table.byteOffset + table.byteLength) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ idx, radius, correct }) => [idx, radius, correct])).toEqual(
      examples.map(({ idx, radius, correct }) => [idx, radius, correct]),
    );
    for (const { radius, accuracy } of curve) expect(accuracy).toBe(certifiedAccuracy(examples, radius));
    expect(summary).toMatchObject({
      examples: 4,
      abstained: examples.filter(({ predict }) => predict === -1).length,
      draws: examples.reduce((sum, { draws }) => sum + (draws ?? NaN), 0),
    });
    for (const { predict, radius, renyi, probability, draws } of examples) {
      expect(draws).toBeLessThanOrEqual(56);
      if (predict === -1) expect([radius, renyi, probability]).toEqual([0, 0, 0]);
      else expect(radius).toBeGreaterThanOrEqual(renyi ?? NaN);
    }
  });

  it.each([1, 8])('killed at report %i ends with the same bytes', async (killAfterReports) => {
    const killed = await harness.attempt({ model, denoiser }, { killAfterReports });
    expect(killed.error).toBeInstanceOf(Killed);
    const resumed = await harness.attempt(
      { model, denoiser },
      { previous: killed.checkpoints.at(-1) ?? null },
    );
    expect((await end(resumed)).digests).toEqual((await end(undisturbed)).digests);
  });

  it.each([1, 3])('in chunks of %i has the same bytes', async (chunk) => {
    const other = eagerly({ chunk });
    const { digests } = await end(await other.attempt({ model, denoiser }), other);
    expect(digests).toEqual((await end(undisturbed)).digests);
  });

  it.each([
    ['1', 5, [0]],
    ['3, computed in any order', 2, [2, 0, 1]],
  ])('cut into %s over workers has the same bytes', async (_, chunkImages, order) => {
    const whole = { test: { limit: 5 }, attention };
    const inputs = { model, denoiser };
    const expected = await end(await eagerly(whole).attempt(inputs));
    const cut = eagerly({ ...whole, chunkImages });
    const plan = await cut.attempt(inputs, { part: { step: 'plan' } });
    expect(plan.product?.summary).toEqual({ total: 5, size: chunkImages });
    const elements = [];
    for (const index of order) {
      const first = index * chunkImages;
      const part = { step: 'chunk', first, count: Math.min(chunkImages, 5 - first) } as const;
      // The second of them is lost with its worker, and goes on from its checkpoint.
      const lost = index === 1 ? await cut.attempt(inputs, { part, killAfterReports: 20 }) : undefined;
      expect(lost?.error ?? new Killed()).toBeInstanceOf(Killed);
      const done = await cut.attempt(inputs, { part, previous: lost?.checkpoints.at(-1) ?? null });
      const { chunk: artifact } = (done.product?.outputs ?? {}) as unknown as Record<string, ArtifactRef>;
      elements.push({ index, item: null, artifact: artifact as ArtifactRef });
    }
    elements.sort((a, b) => a.index - b.index);
    const list = JSON.stringify({ format: 1, of: 'predictions', elements });
    const chunks = await artifacts.put('list', new TextEncoder().encode(list));
    const merged = await cut.attempt(inputs, { part: { step: 'merge', chunks } });
    expect(await end(merged)).toEqual(expected);
  });

  it('as a graph gives every image the same class, and the same radius to rounding', async () => {
    const captured = new StageHarness('certify', { ...params, test: { limit: 3 } }, artifacts);
    const { certification } = await end(await captured.attempt({ model, denoiser }));
    const expected = (await end(undisturbed)).certification.examples.slice(0, 3);
    expect(certification.examples.map(({ predict }) => predict)).toEqual(
      expected.map(({ predict }) => predict),
    );
  });

  it('of some of the images has their rows of the whole', async () => {
    const some = eagerly({ every: 3 });
    const { certification } = await end(await some.attempt({ model, denoiser }), some);
    const all = (await end(undisturbed)).certification.examples;
    expect(certification.examples).toEqual([0, 3].map((idx) => all[idx]));
  });

  it('without a denoiser asks the classifier itself', async () => {
    const { certification } = await end(await harness.attempt({ model, denoiser: undefined }));
    expect(certification.origin).toMatchObject({ kind: 'computed', modelSha256: model.sha256 });
    expect(Object.keys(certification.origin)).not.toContain('step');
    expect(Object.keys(certification.origin)).not.toContain('denoiserSha256');
    expect(certification.examples).toHaveLength(4);
  });

  it('with attention gives regions, resumed to equal bytes', async () => {
    const asked = eagerly({ test: { limit: 2 }, attention });
    const whole = await end(await asked.attempt({ model, denoiser }), asked);
    for (const { attention: region, radius } of whole.certification.examples) {
      expect(region?.top).toHaveLength(2);
      expect(region?.faithful).toBeLessThanOrEqual(radius);
    }
    const { state } = decodeSafetensors(await asked.artifacts.get(whole.outputs.attention));
    expect(state['attention']?.shape).toEqual([2, 4]);
    const before = tensorsHeld();
    const cancelled = await asked.attempt({ model, denoiser }, { cancelAfterReports: 8 });
    expect(cancelled.error).toBeInstanceOf(CancelRequest);
    expect(tensorsHeld()).toBe(before);
    const resumed = await asked.attempt(
      { model, denoiser },
      { previous: cancelled.checkpoints.at(-1) ?? null },
    );
    expect((await end(resumed, asked)).digests).toEqual(whole.digests);
  });
});

describe('certification that cannot be done', () => {
  it('refuses noise that the diffusion does not hold, with what it holds', async () => {
    const short = { ...smallDenoiserParams.model, diffusion: { steps: 2 } };
    const spec = denoiserSpecSchema.parse(short);
    const brief = await artifacts.put('denoiser', encodeDenoiser({ spec, weights: initUnet(spec, 1) }));
    expect((await eagerly({ sigma: 99 }).attempt({ model, denoiser: brief })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: expect.stringContaining('params.sigma') as string,
        expected: expect.stringMatching(/^from 0 to \d/) as string,
        actual: '99',
      },
    });
  });

  it('refuses too few draws for alpha, with the number that would do', () => {
    const { params: schema } = stageDefinition('certify');
    const message = (given: object): string | undefined => schema.safeParse(given).error?.issues[0]?.message;
    expect(message({ alpha: 0.001, draws: 9 })).toBe(
      'expected at least 10, the fewest that can certify anything at alpha 0.001, got 9',
    );
    expect(message({ alpha: 0.001, draws: 10 })).toBeUndefined();
    expect(message({ alpha: 0.001, draws: 10, attention: {} })).toContain('expected at least 11');
  });

  it('refuses attention that so few draws cannot certify, with the number that would do', async () => {
    const claimed = eagerly({ alpha: 0.001, attention: { ...attention, draws: 12 } });
    expect((await claimed.attempt({ model, denoiser })).error).toMatchObject({
      code: 'InvalidSpec',
      details: {
        where: 'params.attention.draws',
        actual:
          'expected at least 13, the fewest that can certify anything of 4 tokens at alpha 0.0005 for all, got 12',
      },
    });
  });

  it('refuses a denoiser for other images', async () => {
    const spec = denoiserSpecSchema.parse({ ...smallDenoiserParams.model, imageSize: 16 });
    const large = await harness.artifacts.put(
      'denoiser',
      encodeDenoiser({ spec, weights: initUnet(spec, 1) }),
    );
    expect((await harness.attempt({ model, denoiser: large })).error).toMatchObject({
      code: 'ShapeMismatch',
      details: { where: 'denoiser.imageSize' },
    });
    expect((await harness.attempt({ model, denoiser: model })).error).toMatchObject({
      code: 'WeightsMismatch',
    });
  });
});
