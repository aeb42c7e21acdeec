import { artifactRefSchema, parsePipelineSpec, runRequestSchema } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { deriveSeed } from './derive-seed.js';
import { planRun } from './plan-run.js';
import { resolveInputs } from './resolve-inputs.js';
import { stageJob } from './stage-job.js';

const spec = parsePipelineSpec({
  version: 1,
  name: 'two',
  project: 'birds',
  seed: 7,
  stages: {
    train: { kind: 'train' },
    again: { kind: 'train', seed: 0, inputs: { init: 'train.model' } },
    report: { kind: 'report', inputs: { histories: { one: 'train.history', two: 'again.history' } } },
  },
});

describe('planRun', () => {
  const request = planRun({
    spec,
    runId: 'two-20260101-000000-abcd',
    codeVersion: 'v',
    submittedAt: '2026-01-01T00:00:00.000Z',
  });

  it("derives the stages' seeds from the run's, and keeps those given", () => {
    expect(request.seeds).toEqual({
      train: deriveSeed(7, 'train'),
      again: 0,
      report: deriveSeed(7, 'report'),
    });
  });

  it('holds the code versions of the kinds that the pipeline has, and gives each stage its own', () => {
    const kindVersions = { train: 't', report: 'r', noop: 'n' };
    const versioned = planRun({ ...request, kindVersions });
    expect(versioned.codeVersions).toEqual({ report: 'r', train: 't' });
    expect(stageJob(versioned, {}, 'train').codeVersion).toBe('t');
    expect(stageJob(request, {}, 'train').codeVersion).toBe('v');
  });

  it('makes a valid request of the project of the pipeline', () => {
    expect(runRequestSchema.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
    expect(request.project).toBe('birds');
  });
});

describe('resolveInputs', () => {
  it('replaces each reference by the artifact it names, labels kept', () => {
    const artifact = (stage: string, output: string) =>
      artifactRefSchema.parse({
        type: 'history',
        uri: `s3://bucket/${stage}/${output}`,
        sha256: '0'.repeat(64),
        bytes: 1,
        mediaType: 'application/x-ndjson',
      });
    const stages = spec.stages;
    expect(resolveInputs({ inputs: stages['report']?.inputs ?? {} }, artifact)).toEqual({
      histories: { one: artifact('train', 'history'), two: artifact('again', 'history') },
    });
    expect(resolveInputs({ inputs: stages['again']?.inputs ?? {} }, artifact)).toEqual({
      init: artifact('train', 'model'),
    });
    expect(resolveInputs({ inputs: stages['train']?.inputs ?? {} }, artifact)).toEqual({});
  });
});
