import { fileURLToPath } from 'node:url';
import { certificationSchema, type StageInputs } from '@vitrine/contracts';
import { certifiedAccuracy } from '@vitrine/ml-smoothing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { certificationLog, certificationTable } from './certification/certification-files.js';
import { radiiOf } from './certification/radii.js';
import { StageHarness } from './testing/stage-harness.js';

const fileOf = (sigma: string): string =>
  fileURLToPath(
    new URL(`../../../infra/samples/certificates/cifar10-resnet110-sigma-${sigma}.tsv`, import.meta.url),
  );
const nothing: StageInputs<'import-certificates'> = { certificates: undefined, table: undefined };

async function end(
  params: object,
  inputs = nothing,
  harness = new StageHarness('import-certificates', params),
) {
  const { product, error } = await harness.attempt(inputs);
  if (!product) throw error;
  const text = await harness.artifacts.text(product.outputs.certification);
  return { ...product, certification: certificationSchema.parse(JSON.parse(text)) };
}

const refusal = async (
  params: object,
  inputs = nothing,
  harness = new StageHarness('import-certificates', params),
) => (await harness.attempt(inputs)).error;

describe('certificates of somebody else', () => {
  it.each([
    ['0.25', '0.60 0.43 0.27 0.00 0.00 0.00'],
    ['1.00', '0.39 0.34 0.28 0.22 0.17 0.14'],
  ])('of σ %s give the published row to the digit', async (sigma, published) => {
    const source = fileOf(sigma);
    const { certification, summary } = await end({ source, sigma: Number(sigma) });
    const row = [0.25, 0.5, 0.75, 1, 1.25, 1.5].map((radius) =>
      certifiedAccuracy(certification.examples, radius).toFixed(2),
    );
    expect(row.join(' ')).toBe(published);
    expect(certification).toMatchObject({ origin: { kind: 'imported', source }, sigma: Number(sigma) });
    expect(summary.examples).toBe(500);
    expect(summary.abstained).toBe(certification.examples.filter(({ predict }) => predict === -1).length);
    for (const { radius, accuracy } of summary.certified)
      expect(accuracy).toBe(certifiedAccuracy(certification.examples, radius));
  });

  it('are the same from our tables, tab-separated and Parquet, and from a Parquet of whole numbers', async () => {
    const { certification } = await end({ source: fileOf('0.50') });
    const { examples } = certification;
    const harness = new StageHarness('import-certificates', {});
    const certificates = await harness.artifacts.put(
      'certificates',
      new TextEncoder().encode(certificationLog(examples)),
    );
    const table = await harness.artifacts.put('table', certificationTable(examples));
    const columnData = (['idx', 'label', 'predict', 'radius', 'correct'] as const).map((name) => ({
      name,
      data: examples.map((example) => (name === 'radius' ? example.radius : BigInt(Number(example[name])))),
      type: name === 'radius' ? ('DOUBLE' as const) : ('INT64' as const),
    }));
    const whole = await harness.artifacts.put('table', new Uint8Array(parquetWriteBuffer({ columnData })));
    for (const inputs of [{ certificates }, { table }, { table: whole }]) {
      const again = (await end({}, { ...nothing, ...inputs }, harness)).certification;
      expect(again.examples).toEqual(examples);
      expect(again.curve).toEqual(certification.curve);
    }
  });
});

describe('certificates that cannot be read', () => {
  it('are refused by line, by column, and where it is not clear which', async () => {
    const harness = new StageHarness('import-certificates', {});
    const put = (text: string) => harness.artifacts.put('certificates', new TextEncoder().encode(text));
    const bad = await put('idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\tfar\t1\n');
    expect(await refusal({}, { ...nothing, certificates: bad }, harness)).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: bad.uri, expected: 'a number in column radius in line 2', actual: '"far"' },
    });
    const empty = await put('idx\tlabel\tpredict\tradius\tcorrect\n');
    expect(await refusal({}, { ...nothing, certificates: empty }, harness)).toMatchObject({
      details: { expected: 'at least one example', actual: 'none' },
    });
    const torn = await harness.artifacts.put('table', new TextEncoder().encode('PAR1 and no more'));
    expect(await refusal({}, { ...nothing, table: torn }, harness)).toMatchObject({
      code: 'ArtifactCorrupt',
    });
    expect(await refusal({})).toMatchObject({
      code: 'InvalidSpec',
      details: { expected: 'one of the 3', actual: 'neither' },
    });
    expect(await refusal({ source: '/no/such.tsv' })).toMatchObject({ code: 'NotFound' });
  });
});

describe('the radii that a curve is told at', () => {
  it('are round, some seven, and one where there is nothing to tell', () => {
    const at = (radius: number, correct = true) => [{ radius, correct }];
    expect(radiiOf(at(0.21))).toEqual([0, 0.05, 0.1, 0.15, 0.2]);
    expect(radiiOf(at(3.9))).toEqual([0, 1, 2, 3]);
    expect(radiiOf(at(1.5))).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
    for (const none of [[], at(0), at(4, false), at(Infinity)]) expect(radiiOf(none)).toEqual([0]);
  });
});
