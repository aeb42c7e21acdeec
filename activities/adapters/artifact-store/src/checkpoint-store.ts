import { randomUUID } from 'node:crypto';
import {
  checkpointPointerSchema,
  VitrineError,
  type ArtifactRef,
  type CheckpointPointer,
  type NumericsProfile,
} from '@vitrine/contracts';
import type { ArtifactStore, CheckpointLease, CheckpointStore, StageScope } from './artifact-store.js';
import { encodeDocument, readDocument, type StoredDocument } from './documents.js';
import { pointerKey, s3Uri } from './keys.js';
import type { Objects } from './objects.js';

/**
 * Conditional writes that may be refused in a row. One of all who race gets through in each round, so this is the number
 * of attempts of one stage that may start at the same moment, far above what a scheduler does.
 */
const MAX_ROUNDS = 256;

export interface CheckpointStoreOptions {
  readonly objects: Objects;
  /** Where the snapshots of a project go. */
  readonly artifacts: (project: string) => ArtifactStore;
  /** Distinguishes owners that call themselves the same. */
  readonly newId?: () => string;
}

/** Epoch-fenced checkpoint pointers over any object server with conditional writes. */
export class FencedCheckpointStore implements CheckpointStore {
  readonly #options: CheckpointStoreOptions;

  constructor(options: CheckpointStoreOptions) {
    this.#options = options;
  }

  async claim(scope: StageScope, owner: string): Promise<CheckpointLease> {
    const { objects, artifacts, newId = randomUUID } = this.#options;
    // ETags come from the content, so it has to be ours alone: two claimants of an epoch must not write equal bytes.
    const unique = `${owner} ${newId()}`;
    const pointer = new Pointer(objects, pointerKey(scope), unique);
    const previous = await pointer.claim();
    return new Lease(pointer, artifacts(scope.project), previous);
  }

  async latest(scope: StageScope): Promise<CheckpointPointer['checkpoint']> {
    const { objects } = this.#options;
    const stored = await readDocument({ objects, key: pointerKey(scope), schema: checkpointPointerSchema });
    return stored?.document.checkpoint ?? null;
  }
}

class Lease implements CheckpointLease {
  readonly epoch: number;
  readonly previous: CheckpointPointer['checkpoint'];
  readonly #pointer: Pointer;
  readonly #artifacts: ArtifactStore;
  #last: Promise<unknown> = Promise.resolve();

  constructor(pointer: Pointer, artifacts: ArtifactStore, claimed: CheckpointPointer) {
    this.epoch = claimed.epoch;
    this.previous = claimed.checkpoint;
    this.#pointer = pointer;
    this.#artifacts = artifacts;
  }

  save(step: number, profile: NumericsProfile, content: Uint8Array): Promise<ArtifactRef> {
    // One after another: each write is conditional on the one before it.
    const saved = this.#last.then(async () => {
      const artifact = await this.#artifacts.put('checkpoint', content);
      await this.#pointer.move({ epoch: this.epoch, checkpoint: { step, artifact, profile } });
      return artifact;
    });
    this.#last = saved.catch(() => undefined);
    return saved;
  }
}

type Stored = StoredDocument<CheckpointPointer>;

/** One stage's pointer as seen by one owner. */
class Pointer {
  readonly #objects: Objects;
  readonly #key: string;
  readonly #owner: string;
  #etag: string | undefined;

  constructor(objects: Objects, key: string, owner: string) {
    this.#objects = objects;
    this.#key = key;
    this.#owner = owner;
  }

  async claim(): Promise<CheckpointPointer> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await this.#read();
      if (stored?.document.owner === this.#owner) {
        // Our own write whose answer was lost.
        this.#etag = stored.etag;
        return stored.document;
      }
      const epoch = (stored?.document.epoch ?? 0) + 1;
      const claimed = this.#document({ epoch, checkpoint: stored?.document.checkpoint ?? null });
      this.#etag = await this.#objects.putIf(
        this.#key,
        encodeDocument(claimed),
        stored ? { etag: stored.etag } : { absent: true },
      );
      if (this.#etag !== undefined) return claimed;
    }
    throw this.#refused('The stage could not be taken over.', `${MAX_ROUNDS} others that were quicker`);
  }

  async move(content: Pick<CheckpointPointer, 'epoch' | 'checkpoint'>): Promise<void> {
    const wanted = encodeDocument(this.#document(content));
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const etag = this.#etag && (await this.#objects.putIf(this.#key, wanted, { etag: this.#etag }));
      if (etag !== undefined) {
        this.#etag = etag;
        return;
      }
      const stored = await this.#read();
      if (stored?.document.owner !== this.#owner)
        throw this.#refused('The checkpoint was not recorded.', describe(stored));
      // Still ours: the answer to an earlier write was lost, and the server counts by that one.
      this.#etag = stored.etag;
      if (Buffer.compare(stored.content, wanted) === 0) return;
    }
    throw this.#refused('The checkpoint was not recorded.', `${MAX_ROUNDS} refusals`);
  }

  #document(content: Pick<CheckpointPointer, 'epoch' | 'checkpoint'>): CheckpointPointer {
    return { format: 1, ...content, owner: this.#owner };
  }

  #read(): Promise<Stored | undefined> {
    return readDocument({ objects: this.#objects, key: this.#key, schema: checkpointPointerSchema });
  }

  #refused(what: string, actual: string): VitrineError {
    return new VitrineError('CheckpointFenced', what, {
      where: s3Uri({ bucket: this.#objects.bucket, key: this.#key }),
      expected: `owner ${this.#owner}`,
      actual,
    });
  }
}

function describe(stored: Stored | undefined): string {
  return stored ? `epoch ${stored.document.epoch}, owner ${stored.document.owner}` : 'no pointer any more';
}
