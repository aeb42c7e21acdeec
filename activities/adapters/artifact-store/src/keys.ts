import { VitrineError } from '@vitrine/contracts';
import type { StageScope } from './artifact-store.js';

export function blobKey(project: string, sha256: string): string {
  return `p/${project}/blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;
}

export function runsPrefix(project: string): string {
  return `p/${project}/runs/`;
}

export function requestKey(project: string, runId: string): string {
  return `${runsPrefix(project)}${runId}/request.json`;
}

export function sealedKey(project: string, runId: string): string {
  return `${runsPrefix(project)}${runId}/run.json`;
}

export function pointerKey({ project, runId, stage, key }: StageScope): string {
  if (key !== undefined) return `p/${project}/cache/checkpoints/${key.slice(0, 2)}/${key}.json`;
  return `${runsPrefix(project)}${runId}/stages/${stage}/pointer.json`;
}

export function sweepsPrefix(project: string): string {
  return `p/${project}/sweeps/`;
}

export function schedulesPrefix(project: string): string {
  return `p/${project}/schedules/`;
}

export function modelsPrefix(project: string): string {
  return `p/${project}/models/`;
}

export function cacheKey(project: string, key: string): string {
  return `p/${project}/cache/entries/${key.slice(0, 2)}/${key}.json`;
}

/** Before the notes of who made and used these bytes: `made/run/stage` and `used/run/stage`. */
export function lineagePrefix(project: string, sha256: string): string {
  return `p/${project}/lineage/${sha256.slice(0, 2)}/${sha256}/`;
}

/** Before the keys of entries computed by stages of one kind, or of one kind and name. */
export function cacheIndexPrefix(project: string, kind: string, stage?: string): string {
  return `p/${project}/cache/index/${kind}/${stage === undefined ? '' : `${stage}/`}`;
}

export interface Place {
  readonly bucket: string;
  readonly key: string;
}

export function s3Uri({ bucket, key }: Place): string {
  return `s3://${bucket}/${key}`;
}

/** @throws VitrineError ArtifactMissing when the text names no object of an S3 store */
export function parseS3Uri(uri: string): Place {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (bucket === undefined || key === undefined)
    throw new VitrineError('ArtifactMissing', 'A reference names no object.', {
      where: uri,
      expected: 's3://bucket/key',
      actual: uri,
    });
  return { bucket, key };
}
