import type { CheckpointLease } from '@vitrine/artifact-store';
import { VitrineError, type NumericsProfile } from '@vitrine/contracts';
import type { CheckpointPort, StageCheckpoint } from './stage-context.js';

export interface CheckpointReport {
  readonly epoch: number;
  readonly step: number;
  readonly bytes: number;
  /** From the hand-over of the snapshot to the moved pointer. */
  readonly seconds: number;
  /** How long the stage was held up by the hand-over. */
  readonly stallSeconds: number;
}

export interface CheckpointUploaderOptions {
  readonly lease: CheckpointLease;
  readonly profile: NumericsProfile;
  readonly previous: StageCheckpoint | null;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly onStored: (report: CheckpointReport) => void;
  /** An upload failed and is tried again; the stage goes on meanwhile. */
  readonly onWaiting: (message: string) => void;
  /** No checkpoint of this attempt will be stored any more: it is of no use to go on. */
  readonly onLost: (error: unknown) => void;
  readonly limits?: Partial<OutageLimits>;
}

export interface OutageLimits {
  /** Longest outage of the store that a stage goes on through with unsaved steps. */
  readonly outageMilliseconds: number;
  /** Most snapshots in a row that a stage goes on without having stored one. */
  readonly unsaved: number;
  readonly retryMilliseconds: number;
}

const LIMITS: OutageLimits = { outageMilliseconds: 10 * 60_000, unsaved: 20, retryMilliseconds: 2_000 };

interface Snapshot extends StageCheckpoint {
  readonly takenAt: number;
  readonly stallSeconds: number;
}

/**
 * Stores snapshots in the background, one at a time. While the store cannot be reached the stage goes on in memory, within
 * limits: of the snapshots taken meanwhile only the newest is kept.
 */
export class CheckpointUploader implements CheckpointPort {
  readonly previous: StageCheckpoint | null;
  private readonly limits: OutageLimits;
  private uploading: Promise<void> | undefined;
  private newest: Snapshot | undefined;
  private outageSince: number | undefined;
  private unsaved = 0;
  private failure: Error | undefined;
  /** Ends the wait of a `save` for the upload before it, once that turns out to be held up by an outage. */
  private letGo: (() => void) | undefined;

  constructor(private readonly options: CheckpointUploaderOptions) {
    this.previous = options.previous;
    this.limits = { ...LIMITS, ...options.limits };
  }

  async save(checkpoint: StageCheckpoint): Promise<void> {
    const takenAt = this.options.now();
    if (this.uploading && this.outageSince === undefined)
      await Promise.race([this.uploading, new Promise<void>((resolve) => (this.letGo = resolve))]);
    this.throwIfLost();
    const stallSeconds = (this.options.now() - takenAt) / 1000;
    const snapshot = { ...checkpoint, takenAt, stallSeconds };
    if (!this.uploading) {
      this.uploading = this.upload(snapshot).finally(() => (this.uploading = undefined));
      return;
    }
    this.newest = snapshot;
    this.unsaved += 1;
    if (this.unsaved > this.limits.unsaved)
      this.lose(unavailable(`${this.unsaved} checkpoints could not be stored in a row.`));
    this.throwIfLost();
  }

  async settle(): Promise<void> {
    while (this.uploading) await this.uploading;
    this.throwIfLost();
  }

  /** Never rejects. */
  private async upload(first: Snapshot): Promise<void> {
    let next: Snapshot | undefined = first;
    while (next && !this.failure) {
      const current: Snapshot = next;
      try {
        await this.store(current);
        next = this.takeNewest();
      } catch (error) {
        if (!isOutage(error)) return this.lose(error);
        this.outageSince ??= this.options.now();
        this.letGo?.();
        if (this.options.now() - this.outageSince > this.limits.outageMilliseconds) return this.lose(error);
        this.options.onWaiting(`checkpoint of step ${current.step} is not stored yet: ${error.message}`);
        await this.options.sleep(this.limits.retryMilliseconds);
        next = this.takeNewest() ?? current;
      }
    }
  }

  private async store({ step, content, takenAt, stallSeconds }: Snapshot): Promise<void> {
    const { lease, profile, now, onStored } = this.options;
    await lease.save(step, profile, content);
    this.outageSince = undefined;
    this.unsaved = 0;
    const seconds = (now() - takenAt) / 1000;
    onStored({ epoch: lease.epoch, step, bytes: content.length, seconds, stallSeconds });
  }

  private takeNewest(): Snapshot | undefined {
    const { newest } = this;
    this.newest = undefined;
    return newest;
  }

  private lose(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
    this.letGo?.();
    this.options.onLost(this.failure);
  }

  private throwIfLost(): void {
    if (this.failure) throw this.failure;
  }
}

/** Whether the store may take the same bytes later. */
function isOutage(error: unknown): error is VitrineError {
  return error instanceof VitrineError && (error.code === 'StorageUnavailable' || error.code === 'DiskFull');
}

function unavailable(what: string): VitrineError {
  return new VitrineError('StorageUnavailable', what);
}
