import {
  sealedSweepSchema,
  sweepRequestSchema,
  type ArtifactRef,
  type SealedSweep,
  type SweepRequest,
} from '@vitrine/contracts';
import type { SweepStore } from './artifact-store.js';
import { documentRef, listRequested, readDocument, writeOnce, type DocumentAt } from './documents.js';
import { sweepsPrefix } from './keys.js';
import type { Objects } from './objects.js';

/** Documents about sweeps over any object server. */
export class ObjectSweepStore implements SweepStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async putRequest(request: SweepRequest): Promise<void> {
    await writeOnce(this.#request(request.project, request.sweepId), request, 'A sweep');
  }

  async getRequest(project: string, sweepId: string): Promise<SweepRequest | undefined> {
    return (await readDocument(this.#request(project, sweepId)))?.document;
  }

  async seal(sweep: SealedSweep): Promise<ArtifactRef> {
    const at = this.#sealed(sweep.request.project, sweep.request.sweepId);
    return documentRef(at, await writeOnce(at, sweep, 'A sweep'));
  }

  async getSealed(project: string, sweepId: string): Promise<SealedSweep | undefined> {
    return (await readDocument(this.#sealed(project, sweepId)))?.document;
  }

  listSweepIds(project: string): Promise<string[]> {
    return listRequested(this.#objects, sweepsPrefix(project));
  }

  #request(project: string, sweepId: string): DocumentAt<SweepRequest> {
    const key = `${sweepsPrefix(project)}${sweepId}/request.json`;
    return { objects: this.#objects, key, schema: sweepRequestSchema };
  }

  #sealed(project: string, sweepId: string): DocumentAt<SealedSweep> {
    const key = `${sweepsPrefix(project)}${sweepId}/sweep.json`;
    return { objects: this.#objects, key, schema: sealedSweepSchema };
  }
}
