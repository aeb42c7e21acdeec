import type { PoolPolicy } from './pool-policy.js';

/** A stage that asks for devices. Times are milliseconds since 1970, by the pool's workflow. */
export interface PoolAsk {
  /** Names the ask and the lease that comes of it. */
  readonly id: string;
  /** Who is told when it is granted. */
  readonly workflowId: string;
  readonly project: string;
  readonly runId: string;
  readonly stage: string;
  readonly kind: string;
  readonly devices: number;
  /** A class of the pool's policy. */
  readonly priority: string;
  readonly askedAt: number;
  /** Workers at fault for earlier failures of it. */
  readonly avoid: readonly string[];
}

/** As it is sent: the pool notes when it came. */
export type SentAsk = Omit<PoolAsk, 'askedAt'>;

export interface PoolLease extends PoolAsk {
  readonly worker: string;
  readonly grantedAt: number;
  /** When its work was last durable; what came after is lost if its devices are taken. */
  safeAt: number;
  /** Whom it gives its devices up for, once it was asked to. */
  yieldsFor?: string;
  /** Reports of its worker in a row that did not name it. */
  unseen: number;
}

export interface PoolWorker {
  readonly name: string;
  devices: number;
  draining: boolean;
  seenAt: number;
}

/** What a worker says of itself every few seconds. */
export interface WorkerReport {
  readonly worker: string;
  readonly devices: number;
  /** Of what it runs: when each was last durable, in milliseconds, 0 for never. */
  readonly leases: Readonly<Record<string, number>>;
  /** It takes no more. */
  readonly leaving: boolean;
}

/** Told to the workflow that asked. */
export interface LeaseGranted {
  readonly id: string;
  /** Absent when the pool has lost its policy: the stage goes where who comes first is served. */
  readonly worker?: string;
}

export interface ProjectUse {
  /** Decayed device-seconds as of `at`. */
  recent: number;
  used: number;
  lost: number;
  at: number;
}

/** All that a pool knows: what it goes on with in another history. */
export interface PoolState {
  readonly policy: PoolPolicy;
  readonly workers: readonly PoolWorker[];
  readonly leases: readonly PoolLease[];
  readonly waiting: readonly PoolAsk[];
  readonly projects: Readonly<Record<string, ProjectUse>>;
  /** Mean seconds that stages of a kind held their devices. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface PoolRequest {
  readonly pool: string;
  readonly policy: PoolPolicy;
  readonly state?: PoolState;
}

export type PoolWorkflow = (request: PoolRequest) => Promise<void>;
