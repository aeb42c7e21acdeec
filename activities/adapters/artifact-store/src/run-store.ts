import {
  runRequestSchema,
  sealedRunSchema,
  type ArtifactRef,
  type RunRequest,
  type SealedRun,
} from '@vitrine/contracts';
import type { RunStore } from './artifact-store.js';
import { documentRef, listRequested, readDocument, writeOnce, type DocumentAt } from './documents.js';
import { requestKey, runsPrefix, sealedKey } from './keys.js';
import type { Objects } from './objects.js';

/** Documents about runs over any object server: written once, never changed. */
export class ObjectRunStore implements RunStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async putRequest(request: RunRequest): Promise<void> {
    await writeOnce(this.#request(request.project, request.runId), request, 'A run');
  }

  async getRequest(project: string, runId: string): Promise<RunRequest | undefined> {
    return (await readDocument(this.#request(project, runId)))?.document;
  }

  async seal(run: SealedRun): Promise<ArtifactRef> {
    const { project, runId } = run.request;
    const at = this.#sealed(project, runId);
    return documentRef(at, await writeOnce(at, run, 'A run'));
  }

  async getSealed(project: string, runId: string): Promise<SealedRun | undefined> {
    return (await readDocument(this.#sealed(project, runId)))?.document;
  }

  listRunIds(project: string): Promise<string[]> {
    return listRequested(this.#objects, runsPrefix(project));
  }

  #request(project: string, runId: string): DocumentAt<RunRequest> {
    return { objects: this.#objects, key: requestKey(project, runId), schema: runRequestSchema };
  }

  #sealed(project: string, runId: string): DocumentAt<SealedRun> {
    return { objects: this.#objects, key: sealedKey(project, runId), schema: sealedRunSchema };
  }
}
