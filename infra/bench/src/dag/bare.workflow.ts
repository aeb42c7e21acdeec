import { executeChild, proxyActivities } from '@temporalio/workflow';

/** The peer of a run: as many child workflows and activities, in the same shape, of Temporal and nothing else. */

export interface BareActivities {
  nothing(): Promise<number>;
}

export interface BareShape {
  /** Stages beside each other, and one after the other in each. */
  readonly chains: number;
  readonly length: number;
  readonly queue: string;
  /** Of each stage, one after the other. */
  readonly activities: number;
}

/** Milliseconds from the wish for each stage to the begin of its first activity. */
export async function bareRun(shape: BareShape): Promise<number[]> {
  const waits: number[] = [];
  const chain = async (): Promise<void> => {
    for (let stage = 0; stage < shape.length; stage += 1) {
      const asked = Date.now();
      waits.push((await executeChild(bareStage, { args: [shape] })) - asked);
    }
  };
  await Promise.all(Array.from({ length: shape.chains }, chain));
  return waits;
}

/** @returns when its first activity began */
export async function bareStage({ queue, activities }: BareShape): Promise<number> {
  const { nothing } = proxyActivities<BareActivities>({ taskQueue: queue, startToCloseTimeout: '1 hour' });
  const began = await nothing();
  for (let more = 1; more < activities; more += 1) await nothing();
  return began;
}
