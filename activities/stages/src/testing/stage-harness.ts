import { graphExecutor } from '@vitrine/backend';
import {
  DEFAULT_FAILURE_RULES,
  stageDefinition,
  type Part,
  type StageInputs,
  type StageKind,
  type StageParams,
} from '@vitrine/contracts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { withGenerated } from '../datasets/with-generated.js';
import { loadPart, STAGE_RUNNERS } from '../registry.js';
import type { StageCheckpoint, StageContext, StageProduct } from '../stage-context.js';
import { MemoryArtifacts } from './memory-artifacts.js';
import { syntheticDatasets } from './synthetic-images.js';

export interface Attempt<K extends StageKind> {
  /** Set when the stage came to its end. */
  readonly product?: StageProduct<K>;
  /** Set when it threw. */
  readonly error?: unknown;
  readonly checkpoints: readonly StageCheckpoint[];
  readonly reports: readonly {
    phase: string;
    step: number;
    total: number;
    metrics: Record<string, number>;
  }[];
}

interface Trouble {
  /** Does only this part of the work. */
  readonly part?: Part;
  /** Resume from this. */
  readonly previous?: StageCheckpoint | null;
  /** Fails the attempt without warning, as a killed process would, once so many reports came in. */
  readonly killAfterReports?: number;
  /** Asks it to stop after so many reports. */
  readonly cancelAfterReports?: number;
}

/** What differs from a stage on one device, captured. */
type Numerics = Pick<StageContext<StageKind>, 'profile' | 'executor' | 'otherDevices' | 'failures'>;

export class Killed extends Error {}
export class CancelRequest extends Error {}

/** Runs a stage against memory instead of S3; everything else is real. */
export class StageHarness<K extends StageKind> {
  private readonly params: StageParams<K>;

  constructor(
    private readonly kind: K,
    params: unknown,
    readonly artifacts = new MemoryArtifacts(),
    private readonly numerics: Partial<Numerics> = {},
  ) {
    this.params = stageDefinition(kind).params.parse(params) as StageParams<K>;
  }

  async attempt(inputs: StageInputs<K>, trouble: Trouble = {}): Promise<Attempt<K>> {
    const checkpoints: StageCheckpoint[] = [];
    const reports: Attempt<K>['reports'][number][] = [];
    const abort = new AbortController();
    const context: StageContext<K> = {
      identity: { project: 'default', runId: 'test-run', stage: `a-${this.kind}`, codeVersion: 'test' },
      params: this.params,
      inputs,
      seed: 1234,
      artifacts: this.artifacts,
      datasets: withGenerated(syntheticDatasets),
      checkpoints: {
        previous: trouble.previous ?? null,
        save: (checkpoint) => {
          checkpoints.push({ step: checkpoint.step, content: checkpoint.content.slice() });
          return Promise.resolve();
        },
        settle: () => Promise.resolve(),
      },
      profile: { build: 'test', device: 'test', threads: 1, precision: 'float32', execution: 'captured' },
      executor: graphExecutor(),
      otherDevices: [],
      ...this.numerics,
      failures: [...(this.numerics.failures ?? []), ...DEFAULT_FAILURE_RULES],
      now: () => performance.now(),
      signal: abort.signal,
      report: async (progress) => {
        reports.push({ ...progress });
        await nextTurn();
        if (reports.length === trouble.killAfterReports) throw new Killed();
        if (reports.length === trouble.cancelAfterReports) abort.abort(new CancelRequest());
      },
      measure: () => undefined,
      log: () => undefined,
    };
    const { part } = trouble;
    const stage = part ? await loadPart(this.kind, part) : await STAGE_RUNNERS[this.kind].load();
    try {
      return { product: await stage(context), checkpoints, reports };
    } catch (error) {
      return { error, checkpoints, reports };
    }
  }

  /** Attempts that are killed again and again after so many reports each, every one from the last checkpoint. */
  async attemptUntilDone(
    inputs: StageInputs<K>,
    reportsPerAttempt: number,
  ): Promise<Attempt<K> & { attempts: number }> {
    let previous: StageCheckpoint | null = null;
    for (let attempts = 1; attempts <= 100; attempts++) {
      const attempt: Attempt<K> = await this.attempt(inputs, {
        previous,
        killAfterReports: reportsPerAttempt,
      });
      if (!(attempt.error instanceof Killed)) return { ...attempt, attempts };
      previous = attempt.checkpoints.at(-1) ?? previous;
    }
    throw new Error('no end after 100 attempts');
  }
}
