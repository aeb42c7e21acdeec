import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { RunEvent, StageOrigin, WatchActivities } from '@vitrine/contracts';

/** A workflow that computes a key, as its server sees it. */
export interface SeenFlight {
  readonly isOpen: boolean;
  /** Whose stage it computes. */
  readonly from?: StageOrigin | undefined;
}

export interface FlightWatchDeps {
  /** Undefined when the server knows no such workflow, or no longer. */
  readonly seeFlight: (workflowId: string) => Promise<SeenFlight | undefined>;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => Date;
  readonly everyMilliseconds?: number;
}

/** The silent end of a flight is noticed within this. */
const EVERY_MILLISECONDS = 10_000;

export function createWatchActivities(deps: FlightWatchDeps): WatchActivities {
  const looks = new SharedLooks(deps.seeFlight);
  const { emit, clock, everyMilliseconds = EVERY_MILLISECONDS } = deps;
  return {
    watchFlight: async ({ project, runId, stage, flight }) => {
      const { cancellationSignal: signal, heartbeat } = Context.current();
      for (let told = false; ; told = true) {
        heartbeat();
        const seen = await looks.at(flight);
        if (!seen?.isOpen) return;
        const waitsFor = seen.from;
        if (!told && waitsFor)
          emit({
            type: 'stage',
            project,
            runId,
            stage,
            at: clock().toISOString(),
            state: 'queued',
            waitsFor,
          });
        await sleep(everyMilliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
  };
}

/** One question at a time about one workflow, however many wait for it. */
class SharedLooks {
  private readonly open = new Map<string, Promise<SeenFlight | undefined>>();

  constructor(private readonly see: FlightWatchDeps['seeFlight']) {}

  at(flight: string): Promise<SeenFlight | undefined> {
    const open = this.open.get(flight);
    if (open) return open;
    const look = this.see(flight).finally(() => this.open.delete(flight));
    this.open.set(flight, look);
    return look;
  }
}
