import { join } from 'node:path';
import type { RunEvent } from '@vitrine/contracts';
import { LruMap } from '../common/lru-map.js';
import { RunLog } from './run-log.js';

export interface RunKey {
  readonly project: string;
  readonly runId: string;
}

/** Logs kept in memory although nobody uses them at the moment. */
const KEPT = 128;

/** The event logs of all runs, `<folder>/<project>/<runId>.ndjson`. This process is their only writer. */
export class EventStore {
  private readonly recent = new LruMap<string, RunLog>(KEPT);
  /** Also those that are only kept alive by a reader: a file must never have two writers. */
  private readonly alive = new Map<string, WeakRef<RunLog>>();
  private readonly opening = new Map<string, Promise<RunLog>>();
  private readonly gone = new FinalizationRegistry<string>((key) => {
    if (!this.alive.get(key)?.deref()) this.alive.delete(key);
  });

  constructor(private readonly folder: string) {}

  /** Stores a batch in order. Events of one run are stored together or not at all. */
  async append(events: readonly RunEvent[]): Promise<void> {
    const runs = new Map<string, RunEvent[]>();
    for (const event of events) {
      const key = `${event.project}/${event.runId}`;
      const known = runs.get(key);
      if (known) known.push(event);
      else runs.set(key, [event]);
    }
    for (const batch of runs.values()) {
      const [first] = batch;
      if (first) await (await this.log(first)).append(batch);
    }
  }

  async log(run: RunKey): Promise<RunLog> {
    const key = `${run.project}/${run.runId}`;
    const log = this.alive.get(key)?.deref() ?? (await this.open(key, run));
    this.recent.set(key, log);
    return log;
  }

  private async open(key: string, { project, runId }: RunKey): Promise<RunLog> {
    const opening = this.opening.get(key) ?? RunLog.open(join(this.folder, project, `${runId}.ndjson`));
    this.opening.set(key, opening);
    try {
      const log = await opening;
      if (this.opening.delete(key)) {
        this.alive.set(key, new WeakRef(log));
        this.gone.register(log, key);
      }
      return log;
    } finally {
      this.opening.delete(key);
    }
  }
}
