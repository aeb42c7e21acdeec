import type { BuiltCode, PoolsConfig } from '@vitrine/config';
import type {
  ArtifactStore,
  CacheStore,
  LineageStore,
  ModelStore,
  RunStore,
  ScheduleStore,
  SweepStore,
} from '@vitrine/artifact-store';
import type { Metrics } from '@vitrine/metrics';
import type { PackagePlaces } from '@vitrine/packages';
import type { Authentication } from './common/authentication.js';
import type { EventStore } from './events/event-store.js';
import type { RunHistory } from './plans/run-history.js';
import type { RunReader } from './runs/run-reader.js';
import type { Submissions } from './runs/submissions.js';
import type { TemporalGateway } from './temporal/temporal.gateway.js';

/** Where a person finds the rest of the system. */
export interface PageLink {
  readonly title: string;
  readonly url: string;
}

/** All that the API is made of. Assembled by `main.ts`; tests assemble their own. */
export interface ApiParts {
  readonly version: string;
  readonly authentication: Authentication;
  readonly runs: RunStore;
  readonly sweeps: SweepStore;
  readonly schedules: ScheduleStore;
  readonly models: ModelStore;
  readonly cache: CacheStore;
  readonly lineage: LineageStore;
  readonly artifacts: (project: string) => ArtifactStore;
  /** Resolves when the store answers; rejects with why it does not. */
  readonly probeStorage: () => Promise<void>;
  readonly temporal: TemporalGateway;
  readonly events: EventStore;
  readonly reader: RunReader;
  readonly history: RunHistory;
  readonly submissions: Submissions;
  /** Versions of the stage code that a run planned now is to be executed by. */
  readonly builtCode: () => BuiltCode;
  /** Whether sources of programs are packed from this machine. */
  readonly readsFolders: boolean;
  /** Pools whose size is known here: those of the API's own machine, where workers run on it. */
  readonly pools: () => PoolsConfig;
  /** Where packages with stages are. */
  readonly packages: PackagePlaces;
  readonly metrics: Metrics;
  readonly links: () => readonly PageLink[];
  /** Folder of the built dashboard. */
  readonly dashboard: string;
  readonly now: () => Date;
  /** Unsigned 16 bits. */
  readonly random: () => number;
}

/** Injection token of the parts. */
export const PARTS = Symbol('ApiParts');
