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

/** Waits for another workflow that computes the same key. Holds no device, no worker, no connection. */
export class FlightWaiter {
  private over: FlightOver | undefined;
  private patience: number = FLIGHT_PATIENCE_SECONDS.first;

  constructor() {
    setHandler(defineSignal<[FlightOver]>(SIGNAL.flightOver), (over) => {
      this.over = over;
    });
  }

  /**
   * Waits until the flight says that it is over, or for about as long again as was waited before: one that was terminated
   * says nothing, and the next look will tell.
   * @returns its result, if it came to one
   */
  async wait(flight: string): Promise<StageResult | undefined> {
    this.over = undefined;
    const joined = await join(flight);
    const seconds = joined ? this.patience : FLIGHT_PATIENCE_SECONDS.refused;
    if (joined) this.patience = Math.min(2 * this.patience, FLIGHT_PATIENCE_SECONDS.longest);
    await condition(() => this.over !== undefined, seconds * 1000);
    // Through a method: the compiler takes the field for what it was set to above.
    return this.result();
  }

  private result(): StageResult | undefined {
    return this.over?.result;
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
