import { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parseJob } from './parse-job.js';

const artifact = (type: string) => ({
  type,
  uri: 's3://bucket/key',
  sha256: '0'.repeat(64),
  bytes: 1,
  mediaType: 'text/plain',
});
const job = {
  project: 'default',
  runId: 'run-1',
  stage: 'judge',
  kind: 'evaluate',
  pool: 'default',
  seed: 0,
  params: {},
  inputs: { model: artifact('model') },
  resources: {},
  timeouts: {},
  codeVersion: 'code',
};

function problemOf(change: object): VitrineError {
  try {
    parseJob({ ...job, ...change });
  } catch (error) {
    if (error instanceof VitrineError) return error;
  }
  throw new Error('the job was accepted');
}

describe('a job', () => {
  it("gets its kind's defaults", () => {
    expect(parseJob(job)).toMatchObject({
      params: { batchSize: 128, test: { dataset: 'cifar10-sample' } },
      timeouts: { stallSeconds: 300 },
    });
  });

  it.each([
    [{ seed: -1 }, 'stage job', 'seed: '],
    [{ kind: 'paint' }, 'stage job', 'kind: '],
    [{ params: { batchSize: 'many' } }, 'stage judge (evaluate), params', 'batchSize: '],
    [{ params: { sigma: 1 } }, 'stage judge (evaluate), params', 'unknown field sigma'],
    [
      { inputs: {} },
      'stage judge (evaluate), inputs',
      'model: expected an artifact of type model, got nothing',
    ],
    [
      { inputs: { model: artifact('noise') } },
      'stage judge (evaluate), inputs',
      'model: expected an artifact of type model, got noise',
    ],
    [
      { inputs: { model: { a: artifact('model') } } },
      'stage judge (evaluate), inputs',
      'model: expected one artifact, got several',
    ],
    [
      { inputs: { ...job.inputs, weights: artifact('model') } },
      'stage judge (evaluate), inputs',
      'weights: expected one of model',
    ],
    [
      { kind: 'report', inputs: { evaluations: artifact('evaluation') } },
      'stage judge (report), inputs',
      'evaluations: expected artifacts by label, got one artifact',
    ],
    [
      { kind: 'report', inputs: { evaluations: { base: artifact('noise') } } },
      'stage judge (report), inputs',
      'evaluations: base: expected an artifact of type evaluation, got noise',
    ],
  ])('is refused with the field at fault: %j', (change, where, actual) => {
    const problem = problemOf(change);
    expect(problem.code).toBe('InvalidSpec');
    expect(problem.details.where).toBe(where);
    expect(problem.details.actual).toContain(actual);
  });
});
