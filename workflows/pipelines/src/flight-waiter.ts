import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { FlightOver, JoinFlight, StageJob, StageResult, WatchActivities } from '@vitrine/contracts';
import { SIGNAL } from '@vitrine/contracts/names';
import { LANDED_SECONDS, WATCH } from './activity-options.js';

const { watchFlight } = proxyActivities<WatchActivities>(WATCH);

interface Wait {
  readonly flight: string;
  over?: FlightOver;
}

/** Hears of the ends of flights; one for a workflow, which may wait for several. */
export class FlightNews {
  private readonly waits = new Set<Wait>();

  constructor() {
    setHandler(defineSignal<[FlightOver]>(SIGNAL.flightOver), (over) => {
      for (const wait of this.waits) if (wait.flight === over.flight) wait.over = over;
    });
  }

  /** Waits until the flight says that it is over, or whatever else is waited for; undefined when it came to no result. */
  async until(flight: string, other: () => Promise<unknown>): Promise<StageResult | undefined> {
    const wait: Wait = { flight };
    this.waits.add(wait);
    try {
      await CancellationScope.cancellable(async () => {
        const scope = CancellationScope.current();
        const either = Promise.race([condition(() => wait.over !== undefined), other()]);
        await either.finally(() => scope.cancel());
      });
      return resultOf(wait);
    } finally {
      this.waits.delete(wait);
    }
  }
}

/** Through a function: the compiler takes the field for what it was set to. */
function resultOf({ over }: Wait): StageResult | undefined {
  return over?.result;
}

/**
 * Waits for another workflow that computes the same key, without a device. The flight tells whoever joined how it ended; one
 * that was terminated tells nobody, and is noticed because it is watched.
 * @returns its result, if it came to one
 */
export async function waitForFlight(
  news: FlightNews,
  flight: string,
  { project, runId, stage }: StageJob,
): Promise<StageResult | undefined> {
  return news.until(flight, async () => {
    if (await join(flight)) return watchFlight({ project, runId, stage, flight });
    return sleep(LANDED_SECONDS * 1000);
  });
}

/** False when the flight is over already, or takes no more signals. */
async function join(flight: string): Promise<boolean> {
  const me: JoinFlight = { workflowId: workflowInfo().workflowId };
  try {
    await getExternalWorkflowHandle(flight).signal(defineSignal<[JoinFlight]>(SIGNAL.joinFlight), me);
    return true;
  } catch (thrown) {
    if (isCancellation(thrown)) throw thrown;
    return false;
  }
}
