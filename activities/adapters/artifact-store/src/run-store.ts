import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  ARTIFACT_TYPES,
  runRequestSchema,
  sealedRunSchema,
  VitrineError,
  type ArtifactRef,
  type RunRequest,
  type SealedRun,
} from '@vitrine/contracts';
import type { RunStore } from './artifact-store.js';
import { encodeDocument, readDocument, type DocumentAt } from './documents.js';
import { requestKey, runsPrefix, s3Uri, sealedKey } from './keys.js';
import type { Objects } from './objects.js';

/** Documents about runs over any object server: written once, never changed. */
export class ObjectRunStore implements RunStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async putRequest(request: RunRequest): Promise<void> {
    await this.#writeOnce(this.#request(request.project, request.runId), request);
  }

  async getRequest(project: string, runId: string): Promise<RunRequest | undefined> {
    return (await readDocument(this.#request(project, runId)))?.document;
  }

  async seal(run: SealedRun): Promise<ArtifactRef> {
    const { project, runId } = run.request;
    const at = this.#sealed(project, runId);
    const content = await this.#writeOnce(at, run);
    return {
      type: 'document',
      uri: s3Uri({ bucket: this.#objects.bucket, key: at.key }),
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: content.length,
      mediaType: ARTIFACT_TYPES.document,
    };
  }

  async getSealed(project: string, runId: string): Promise<SealedRun | undefined> {
    return (await readDocument(this.#sealed(project, runId)))?.document;
  }

  async listRunIds(project: string): Promise<string[]> {
    const prefix = runsPrefix(project);
    const ids: string[] = [];
    for await (const key of this.#objects.list(prefix)) {
      const [, runId] = /^([^/]+)\/request\.json$/.exec(key.slice(prefix.length)) ?? [];
      if (runId !== undefined) ids.push(runId);
    }
    return ids;
  }

  #request(project: string, runId: string): DocumentAt<RunRequest> {
    return { objects: this.#objects, key: requestKey(project, runId), schema: runRequestSchema };
  }

  #sealed(project: string, runId: string): DocumentAt<SealedRun> {
    return { objects: this.#objects, key: sealedKey(project, runId), schema: sealedRunSchema };
  }

  /** The bytes that are stored in the end: these, or equal ones of an earlier call. */
  async #writeOnce<T>(at: DocumentAt<T>, document: T): Promise<Uint8Array> {
    const content = encodeDocument(document);
    if ((await this.#objects.putIf(at.key, content, { absent: true })) !== undefined) return content;
    const stored = await readDocument(at);
    // Through JSON, where absent and undefined fields are the same.
    const wanted: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
    if (stored && isDeepStrictEqual(JSON.parse(JSON.stringify(stored.document)), wanted))
      return stored.content;
    throw new VitrineError('Conflict', 'A run has been recorded with other content before.', {
      where: s3Uri({ bucket: this.#objects.bucket, key: at.key }),
      expected: 'no document, or an equal one',
      actual: stored ? 'a different document' : 'a document that is gone again',
    });
  }
}
