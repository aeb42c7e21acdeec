import {
  ARTIFACT_TYPES,
  type ArtifactRef,
  type ArtifactType,
  type StageJob,
  type StageResult,
} from '@vitrine/contracts';

export function artifact(type: ArtifactType, name: string): ArtifactRef {
  return {
    type,
    uri: `s3://test/${name}`,
    sha256: 'a'.repeat(64),
    bytes: 2,
    mediaType: ARTIFACT_TYPES[type],
  };
}

/** What a no-op stage answers. */
export function stageResult(job: StageJob): StageResult {
  return {
    outputs: { done: artifact('document', `${job.runId}/${job.stage}`) },
    summary: { steps: 0 },
    epoch: 1,
    resumedFromStep: 0,
    profile: { build: 'none', device: 'none', threads: 1, precision: 'float32', execution: 'eager' },
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.000Z',
  };
}
