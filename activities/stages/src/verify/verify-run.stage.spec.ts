import {
  runRequestSchema,
  sealedRunSchema,
  type ArtifactRef,
  type SealedRun,
  type StageKind,
  type Verification,
} from '@vitrine/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryArtifacts } from '../testing/memory-artifacts.js';
import { putSmallModel } from '../testing/small-model.js';
import { StageHarness } from '../testing/stage-harness.js';
import { verifyRun } from './verify-run.js';

const artifacts = new MemoryArtifacts();
const evaluating = {
  test: { limit: 12 },
  batchSize: 8,
  conditions: [
    { kind: 'fgsm', epsilon: 0.1 },
    { kind: 'corruption', corruption: 'fog', severity: 3 },
  ],
};
const certifying = { test: { limit: 3 }, sigma: 0.5, selection: 8, draws: 24, alpha: 0.05 };

type Outputs = Readonly<Record<string, ArtifactRef>>;
interface Done {
  readonly outputs: Outputs;
  readonly summary: Readonly<Record<string, unknown>>;
}

async function done(kind: StageKind, params: object, inputs: object): Promise<Done> {
  const { product, error } = await new StageHarness(kind, params, artifacts).attempt(inputs as never);
  if (!product) throw error;
  return product as unknown as Done;
}

let run: SealedRun;
let stages: Record<string, Done>;

beforeAll(async () => {
  const model = await putSmallModel(artifacts);
  const imported = { outputs: { model }, summary: {} };
  const judge = await done('evaluate', evaluating, { model });
  const certificates = await done('certify', certifying, { model });
  const inputs = { evaluations: { base: judge.outputs['evaluation'] } };
  const certifications = { small: certificates.outputs['certification'] };
  const report = await done('report', {}, { ...inputs, certifications });
  stages = { model: imported, judge, certificates, 'a-report': report };
  run = sealed(stages);
});

/** As the workflow would seal it. */
function sealed(results: Record<string, Done>): SealedRun {
  const specs = {
    model: { kind: 'import-model', params: { source: '/model.safetensors' } },
    judge: { kind: 'evaluate', inputs: { model: 'model.model' }, params: evaluating },
    certificates: { kind: 'certify', inputs: { model: 'model.model' }, params: certifying },
    'a-report': {
      kind: 'report',
      inputs: {
        evaluations: { base: 'judge.evaluation' },
        certifications: { small: 'certificates.certification' },
      },
    },
  };
  const at = '2026-01-01T00:00:00.000Z';
  const request = runRequestSchema.parse({
    project: 'default',
    runId: 'test-run',
    spec: { version: 1, name: 'verified', stages: specs },
    seeds: Object.fromEntries(Object.keys(specs).map((name) => [name, 1234])),
    codeVersion: 'test',
    submittedAt: at,
  });
  return sealedRunSchema.parse({
    format: 1,
    request,
    status: 'succeeded',
    endedAt: at,
    stages: Object.fromEntries(
      Object.entries(specs).map(([name, { kind }]) => [
        name,
        { kind, pool: 'default', needs: [], state: 'succeeded', ...results[name] },
      ]),
    ),
  });
}

const verified = (of: SealedRun, built = 'test'): Promise<Verification> =>
  verifyRun(of, {
    artifacts,
    requestOf: () => Promise.resolve(undefined),
    builtCode: () => built,
    onProgress: () => undefined,
  });

/** The run with some outputs of a stage put in another way, digests and all. */
async function forged(
  stage: string,
  output: string,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<SealedRun> {
  const before = stages[stage] as Done;
  const ref = before.outputs[output] as ArtifactRef;
  const changed = await artifacts.put(ref.type, change(await artifacts.get(ref)));
  return sealed({ ...stages, [stage]: { ...before, outputs: { ...before.outputs, [output]: changed } } });
}

const figuresOf = ({ differences }: Verification): string[] =>
  differences.map(({ where, figure }) => `${where} ${figure}`);

describe('a run as it was computed', () => {
  it('holds in every figure, and says which it could not recompute', async () => {
    const verification = await verified(run);
    expect(verification.differences).toEqual([]);
    expect(verification.figures).toBeGreaterThan(100);
    expect(verification.artifacts).toBe(8);
    expect(verification.measured.map(({ stage }) => stage)).toEqual(['model']);
  });

  it('holds against other code too, but for the look of its page', async () => {
    const verification = await verified(run, 'another');
    expect(verification.differences).toEqual([]);
    expect(verification.measured.map(({ stage }) => stage)).toEqual(['model', 'a-report']);
  });
});

describe('a run that was tampered with', () => {
  it('is found by one bit of a logit, though its digest was changed along', async () => {
    const tampered = await forged('judge', 'predictions', (bytes) => {
      // The highest bit of the exponent of the first number.
      const copy = Uint8Array.from(bytes);
      const header = 8 + Number(new DataView(copy.buffer, copy.byteOffset).getBigUint64(0, true));
      const at = header + 3;
      copy[at] = (copy[at] ?? 0) ^ 0x40;
      return copy;
    });
    expect(figuresOf(await verified(tampered)).filter((text) => text.startsWith('judge.'))).not.toEqual([]);
  });

  it('is found by a figure of a document, and by its digest in the page that shows it', async () => {
    const edited = (text: string): string =>
      text.replace(/"correct":(\d+)/, (_, n) => `"correct":${Number(n) + 1}`);
    const tampered = await forged('judge', 'evaluation', (bytes) =>
      new TextEncoder().encode(edited(new TextDecoder().decode(bytes))),
    );
    const { differences } = await verified(tampered);
    const [first] = differences;
    expect(first).toMatchObject({ where: 'judge.evaluation', figure: 'conditions.0.correct' });
    expect(Number(first?.stored)).toBe(Number(first?.recomputed) + 1);
    expect(first?.sha256).toBe(tampered.stages['judge']?.outputs?.['evaluation']?.sha256);
    expect(differences.map(({ where }) => where)).toContain('a-report.report');
  });

  it('is found by a figure that the run itself says', async () => {
    const { outputs, summary } = stages['certificates'] as Done;
    const changed = { ...summary, meanRadius: Number(summary['meanRadius']) + 2 ** -40 };
    const tampered = sealed({ ...stages, certificates: { outputs, summary: changed } });
    expect(figuresOf(await verified(tampered))).toEqual(['certificates.summary meanRadius']);
  });

  it('is found by a word of its page', async () => {
    const tampered = await forged('a-report', 'report', (bytes) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace('Accuracy', 'accuracy')),
    );
    expect(figuresOf(await verified(tampered))).toEqual([
      expect.stringMatching(/^a-report\.report line \d+$/) as string,
    ]);
  });

  it('is found by an example of its certificates', async () => {
    const tampered = await forged('certificates', 'certification', (bytes) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"correct":', '"correct": ')),
    );
    expect(figuresOf(await verified(tampered))).toContain('certificates.certification bytes');
  });

  it('is refused a reading of what is no such artifact, by name', async () => {
    const tampered = await forged('judge', 'predictions', () => new Uint8Array([1, 2, 3]));
    expect((await verified(tampered)).differences[0]).toMatchObject({ where: 'judge', figure: 'bytes' });
  });
});
