import {
  condition,
  continueAsNew,
  executeChild,
  proxyActivities,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';

/** The peer of a run and of a sweep: as many child workflows and activities, in the same shape, of Temporal and nothing else. */

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

const nothingOn = (taskQueue: string): ActivityInterfaceFor<BareActivities>['nothing'] =>
  proxyActivities<BareActivities>({ taskQueue, startToCloseTimeout: '1 hour' }).nothing;

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
export async function bareStage({
  queue,
  activities,
}: Pick<BareShape, 'queue' | 'activities'>): Promise<number> {
  const nothing = nothingOn(queue);
  const began = await nothing();
  for (let more = 1; more < activities; more += 1) await nothing();
  return began;
}

export interface BareSweepShape {
  readonly trials: number;
  readonly atATime: number;
  readonly queue: string;
  /** In the histories before. */
  readonly begun?: number;
}

/** As a sweep goes: whenever slots are free an activity is asked, and each trial is a run of one stage. */
export async function bareSweep(shape: BareSweepShape): Promise<void> {
  const { trials, atATime, queue } = shape;
  const nothing = nothingOn(queue);
  let begun = shape.begun ?? 0;
  let running = 0;
  const see = async (): Promise<void> => {
    await executeChild(bareTrial, { args: [queue] });
    running -= 1;
  };
  while (begun < trials && !workflowInfo().continueAsNewSuggested) {
    await nothing();
    for (; running < atATime && begun < trials; begun += 1) {
      running += 1;
      void see();
    }
    await condition(() => running < atATime);
  }
  await condition(() => running === 0);
  if (begun < trials) await continueAsNew<typeof bareSweep>({ ...shape, begun });
}

/** A run of one stage, and what is written down of it at its end. */
export async function bareTrial(queue: string): Promise<void> {
  await executeChild(bareStage, { args: [{ queue, activities: 1 }] });
  await nothingOn(queue)();
}
