import type {
  ArtifactRef,
  ArtifactType,
  CacheEntry,
  CheckpointPointer,
  NumericsProfile,
  RegisteredModel,
  RunRequest,
  ScheduleHistory,
  SealedRun,
  SealedSweep,
  SweepRequest,
} from '@vitrine/contracts';

/** Immutable bytes by content. Keys hold the digest, so equal bytes are stored once per project. */
export interface ArtifactStore {
  /**
   * Stores the bytes; nothing is visible under the returned reference before all of it is.
   * A stream is sent in parts with bounded memory, however long it is.
   * @param mediaType what the bytes are where the type alone does not say it
   * @throws VitrineError StorageUnavailable, DiskFull
   */
  put(
    type: ArtifactType,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType?: string,
  ): Promise<ArtifactRef>;
  /**
   * The whole content, its sha256 and length verified.
   * @throws VitrineError ArtifactMissing, ArtifactCorrupt, StorageUnavailable
   */
  get(ref: ArtifactRef): Promise<Uint8Array>;
  /** As `get`, in pieces; throws ArtifactCorrupt at the end when the digest differs. */
  stream(ref: ArtifactRef): AsyncIterable<Uint8Array>;
}

export interface StageScope {
  readonly project: string;
  readonly runId: string;
  readonly stage: string;
  /** Of its result: stages of any run that compute the same take each other over. */
  readonly key?: string | undefined;
}

/** One attempt's right to write checkpoints of a stage. */
export interface CheckpointLease {
  readonly epoch: number;
  /** The checkpoint to resume from, or null. */
  readonly previous: CheckpointPointer['checkpoint'];
  /**
   * Stores the content, then moves the pointer if this lease still owns it.
   * @throws VitrineError CheckpointFenced when a newer attempt has taken over
   */
  save(step: number, profile: NumericsProfile, content: Uint8Array): Promise<ArtifactRef>;
}

export interface CheckpointStore {
  /** Takes the stage over: raises the epoch by a conditional write; races have one winner, the loser tries the next epoch. */
  claim(scope: StageScope, owner: string): Promise<CheckpointLease>;
  /** The checkpoint that a stage has now, without taking it over. */
  latest(scope: StageScope): Promise<CheckpointPointer['checkpoint']>;
}

/** Results of stages by key. */
export interface CacheStore {
  /** @throws VitrineError ArtifactCorrupt when what is stored under the key is no entry */
  get(project: string, key: string): Promise<CacheEntry | undefined>;
  /**
   * Stores the entry, unless the one that is there names the same outputs. Another or a damaged one is replaced: who
   * stores has computed, and nobody computes what is there and whole.
   * @returns the readable entry that was replaced, if any
   */
  put(entry: CacheEntry): Promise<CacheEntry | undefined>;
  /** The newest entries that were computed by stages of this kind and name. */
  recent(of: RecentEntries): Promise<CacheEntry[]>;
  /**
   * Reads every artifact, and says what is wrong with the first that is not what it was; undefined when all are whole.
   */
  damage(project: string, artifacts: Readonly<Record<string, ArtifactRef>>): Promise<string | undefined>;
  /** Removes damaged objects: the store would otherwise take them for the bytes that are computed anew. */
  mend(project: string, artifacts: Readonly<Record<string, ArtifactRef>>): Promise<void>;
}

export interface RecentEntries {
  readonly project: string;
  readonly kind: string;
  /** Any stage of the kind, when left out. */
  readonly stage?: string;
  readonly limit: number;
}

/** One end of an artifact in a run: the stage that made it, or one that read it. */
export interface LineageEdge {
  readonly runId: string;
  readonly stage: string;
}

/** Which stages made and used which bytes; found by digest. */
export interface LineageStore {
  /** Notes what the stages of a closed run computed. Idempotent. */
  record(run: SealedRun): Promise<void>;
  edges(
    project: string,
    sha256: string,
  ): Promise<{ readonly made: LineageEdge[]; readonly used: LineageEdge[] }>;
}

/** Small JSON documents about sweeps: written once, never changed. */
export interface SweepStore {
  putRequest(request: SweepRequest): Promise<void>;
  getRequest(project: string, sweepId: string): Promise<SweepRequest | undefined>;
  /** `sweep.json`. Idempotent. */
  seal(sweep: SealedSweep): Promise<ArtifactRef>;
  getSealed(project: string, sweepId: string): Promise<SealedSweep | undefined>;
  /** Ids of the sweeps of a project, in no particular order. */
  listSweepIds(project: string): Promise<string[]>;
}

/** What became of the times of schedules. */
export interface ScheduleStore {
  history(project: string, schedule: string): Promise<ScheduleHistory | undefined>;
  /** Changes are made one after another; `change` is undefined when there is nothing to do, and may be asked several times. */
  change(
    project: string,
    schedule: string,
    change: (known: ScheduleHistory) => ScheduleHistory | undefined,
  ): Promise<void>;
}

/** The registry of models: only ever added to. */
export interface ModelStore {
  get(project: string, model: string): Promise<RegisteredModel | undefined>;
  /**
   * As of a schedule.
   * @returns the model as it is in the end
   */
  change(
    project: string,
    model: string,
    change: (known: RegisteredModel | undefined) => RegisteredModel | undefined,
  ): Promise<RegisteredModel | undefined>;
  /** Names of the models of a project. */
  list(project: string): Promise<string[]>;
}

/** Small JSON documents about runs. */
export interface RunStore {
  /** `request.json`; a second call for the same id throws Conflict unless the content is the same. */
  putRequest(request: RunRequest): Promise<void>;
  getRequest(project: string, runId: string): Promise<RunRequest | undefined>;
  /** `run.json`. Idempotent: sealing again with the same record changes nothing. */
  seal(run: SealedRun): Promise<ArtifactRef>;
  getSealed(project: string, runId: string): Promise<SealedRun | undefined>;
  /** Run ids of a project that have a request, in no particular order. */
  listRunIds(project: string): Promise<string[]>;
}
