import type { ArtifactStore } from '@vitrine/artifact-store';
import type { Environment } from '@vitrine/config';
import type {
  FailureRule,
  NumericsProfile,
  Progress,
  StageInputs,
  StageKind,
  StageOutputs,
  StageParams,
  StageSummary,
} from '@vitrine/contracts';
import type { Datasets } from '@vitrine/datasets';
import type { StageMetricName } from '@vitrine/metrics';
import type { ProgramExecutor } from '@vitrine/ml-tensor';

/** A snapshot a stage can resume from: named arrays and small JSON state, encoded by the checkpoint codec. */
export interface StageCheckpoint {
  readonly step: number;
  readonly content: Uint8Array;
}

export interface CheckpointPort {
  /** What to resume from, already read and verified; null at a first start. */
  readonly previous: StageCheckpoint | null;
  /**
   * Takes over the snapshot and stores it in the background; at most one upload is under way, so a second call waits for
   * the first. Failures surface at the next `save` or at `settle`.
   */
  save(checkpoint: StageCheckpoint): Promise<void>;
  /** Resolves when nothing is under way any more. */
  settle(): Promise<void>;
}

/** Who this attempt works for: what artifacts and reports say about where they come from. */
export interface StageIdentity {
  readonly project: string;
  readonly runId: string;
  readonly stage: string;
  readonly codeVersion: string;
}

/** All that a stage may use. Time, randomness and I/O come in here and nowhere else. */
export interface StageContext<K extends StageKind> {
  readonly identity: StageIdentity;
  readonly params: StageParams<K>;
  readonly inputs: StageInputs<K>;
  readonly seed: number;
  /** What failed ends of processes mean, the first that fits. */
  readonly failures: readonly FailureRule[];
  readonly artifacts: ArtifactStore;
  readonly datasets: Datasets;
  readonly checkpoints: CheckpointPort;
  readonly profile: NumericsProfile;
  /** Runs what the stage computes on the device. */
  readonly executor: ProgramExecutor;
  /** Environments of processes that compute on the further devices of the stage, for kinds that spread over several. */
  readonly otherDevices: readonly Environment[];
  /** Milliseconds of a clock that never goes back: for what people see, never for what a result depends on. */
  readonly now: () => number;
  /** Aborted on cancellation, pause and shutdown; a stage saves a checkpoint if it can and rethrows `signal.reason`. */
  readonly signal: AbortSignal;
  /**
   * Say after every step how far the stage has come, and await it: numeric work holds the event loop, so this is where a
   * request to cancel gets in. Also what shows that the stage is not stalled.
   */
  report(progress: Omit<Progress, 'stepsPerSecond' | 'etaSeconds'>): Promise<void>;
  /** A value of a metric whose labels say whose stage this is and what it is, and nothing else. */
  measure(name: StageMetricName, value: number): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
}

export interface StageProduct<K extends StageKind> {
  readonly outputs: StageOutputs<K>;
  readonly summary: StageSummary<K>;
}

export type Stage<K extends StageKind> = (context: StageContext<K>) => Promise<StageProduct<K>>;
