import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createS3Client, createS3Stores, ensureBucket, parseS3Uri, sealedKey } from '@vitrine/artifact-store';
import {
  runRequestSchema,
  sealedRunSchema,
  verificationMessageSchema,
  type ArtifactRef,
  type VerificationMessage,
} from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { evaluationOf, summaryOf } from '../evaluation/figures.js';
import { encodePredictions, type Predictions } from '../evaluation/predictions-artifact.js';

const s3 = inject('s3');
const bucket = `verify-${process.pid}`;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = here(`../../../../node_modules/.cache/vitrine-verify-${process.pid}`);
const run = { project: 'default', runId: 'judged-1' };

const predictions: Predictions = {
  conditions: [{ kind: 'clean' }, { kind: 'fgsm', epsilon: 0.1 }],
  logits: [Float32Array.of(2, 1, 0, 3, 1, 5), Float32Array.of(1, 2, 0, 3, 7, 5)],
  distances: [new Float32Array(3), Float32Array.of(0.5, 0.25, 0.75)],
  classes: 2,
  labels: [0, 1, 1],
  datasetSha256: 'd'.repeat(64),
};

let stored: { readonly predictions: ArtifactRef; readonly evaluation: ArtifactRef };

beforeAll(async () => {
  const bundler = here('../../../../infra/build/bundle.mjs');
  const entries = ['src/verify/entry.ts', `${folder}/verify-run.mjs`];
  await promisify(execFile)(process.execPath, [bundler, ...entries], { cwd: here('../../') });
  const client = createS3Client(s3);
  await ensureBucket(client, bucket);
  const stores = createS3Stores({ client, bucket });
  const artifacts = stores.artifacts('default');
  const model = await artifacts.put('model', new Uint8Array([7]));
  const judgement = { dataset: 'three', classNames: ['a', 'b'], modelSha256: model.sha256 };
  const evaluation = evaluationOf({ ...judgement, asked: predictions.conditions }, predictions);
  stored = {
    predictions: await artifacts.put('predictions', encodePredictions(predictions)),
    evaluation: await artifacts.put('evaluation', Buffer.from(JSON.stringify(evaluation))),
  };
  const at = '2026-01-01T00:00:00.000Z';
  const request = runRequestSchema.parse({
    ...run,
    spec: {
      version: 1,
      name: 'judged',
      stages: {
        model: { kind: 'import-model', params: { source: '/model.safetensors' } },
        judge: {
          kind: 'evaluate',
          inputs: { model: 'model.model' },
          params: { conditions: predictions.conditions },
        },
      },
    },
    seeds: { model: 1, judge: 2 },
    codeVersion: 'code',
    submittedAt: at,
  });
  const done = { pool: 'default', needs: [], state: 'succeeded' };
  const sealed = sealedRunSchema.parse({
    format: 1,
    request,
    status: 'succeeded',
    endedAt: at,
    stages: {
      model: { ...done, kind: 'import-model', outputs: { model }, summary: {} },
      judge: { ...done, kind: 'evaluate', outputs: stored, summary: summaryOf(evaluation) },
    },
  });
  await stores.runs.putRequest(request);
  await stores.runs.putRequest({ ...request, runId: 'open-1' });
  await stores.runs.seal(sealed);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The last word of the program, with the store and nothing else. */
async function verify(job: object = run): Promise<VerificationMessage> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    VITRINE_STATE_DIR: `/nonexistent/${bucket}`,
    VITRINE_S3_BUCKET: bucket,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const args = [`${folder}/verify-run.mjs`, JSON.stringify(job)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return verificationMessageSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** What `verify` says while an object of the store is another one on the server's disk. */
async function withObject(key: string, change: (bytes: Buffer) => Buffer): Promise<VerificationMessage> {
  const path = join(s3.dir, bucket, key);
  const before = await readFile(path);
  await writeFile(path, change(Buffer.from(before)));
  try {
    return await verify();
  } finally {
    await writeFile(path, before);
  }
}

describe('the program that verifies a run', () => {
  it('finds nothing amiss in a run as it was stored', async () => {
    expect(await verify()).toMatchObject({ answer: { ...run, artifacts: 3, differences: [] } });
  });

  it('finds one bit that changed in stored predictions, by the digest that they had', async () => {
    const { key } = parseS3Uri(stored.predictions.uri);
    const said = await withObject(key, (bytes) => {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return bytes;
    });
    const { sha256 } = stored.predictions;
    expect(said).toMatchObject({
      answer: {
        differences: [
          {
            where: 'judge.predictions',
            figure: 'bytes',
            sha256,
            stored: `sha256 ${sha256}`,
            recomputed: expect.stringMatching(/^sha256 [0-9a-f]{64}$/) as string,
          },
        ],
      },
    });
  });

  it('finds an object that is gone', async () => {
    const path = join(s3.dir, bucket, parseS3Uri(stored.evaluation.uri).key);
    const before = await readFile(path);
    await rm(path);
    const said = await verify();
    await writeFile(path, before);
    expect(said).toMatchObject({
      answer: { differences: [{ where: 'judge.evaluation', recomputed: 'no object' }] },
    });
  });

  it('finds a figure that the record of the run says otherwise', async () => {
    const said = await withObject(sealedKey(run.project, run.runId), (bytes) =>
      Buffer.from(bytes.toString().replace('"correct":1', '"correct":2')),
    );
    expect(said).toMatchObject({
      answer: {
        differences: [
          { where: 'judge.summary', figure: 'conditions.1.correct', stored: '2', recomputed: '1' },
        ],
      },
    });
  });

  it.each([
    ['has not ended', 'open-1', 'one that has not'],
    ['is not there', 'no-such-1', 'none'],
  ])('refuses a run that %s', async (_, runId, actual) => {
    expect(await verify({ ...run, runId })).toMatchObject({ error: { code: 'NotFound', actual } });
  });
});
