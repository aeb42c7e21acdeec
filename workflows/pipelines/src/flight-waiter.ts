import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { FlightOver, JoinFlight, StageResult } from '@vitrine/contracts';
import { SIGNAL } from '@vitrine/contracts/names';
import { FLIGHT_PATIENCE_SECONDS } from './activity-options.js';

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

  /** Waits until the flight says that it is over, or for so long; undefined when it came to no result. */
  async during(flight: string, milliseconds: () => Promise<number>): Promise<StageResult | undefined> {
    const wait: Wait = { flight };
    this.waits.add(wait);
    try {
      await condition(() => wait.over !== undefined, await milliseconds());
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

/** Waits for another workflow that computes the same key. Holds no device, no worker, no connection. */
export class FlightWaiter {
  private patience: number = FLIGHT_PATIENCE_SECONDS.first;

  constructor(private readonly news: FlightNews) {}

  /**
   * Waits until the flight says that it is over, or for about as long again as was waited before: one that was terminated
   * says nothing, and the next look will tell.
   * @returns its result, if it came to one
   */
  async wait(flight: string): Promise<StageResult | undefined> {
    return this.news.during(flight, async () => {
      const joined = await join(flight);
      const seconds = joined ? this.patience : FLIGHT_PATIENCE_SECONDS.refused;
      if (joined) this.patience = Math.min(2 * this.patience, FLIGHT_PATIENCE_SECONDS.longest);
      return seconds * 1000;
    });
  }
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
