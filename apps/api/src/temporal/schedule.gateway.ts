import { createHash, randomUUID } from 'node:crypto';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type Connection,
  type ScheduleOptions,
} from '@temporalio/client';
import {
  scheduleSpecSchema,
  type Overlap,
  type ScheduledInput,
  type ScheduleList,
  type ScheduleSpec,
  type ScheduleView,
} from '@vitrine/contracts';
import { CONTROL_QUEUE, scheduleId, SEARCH_ATTRIBUTE, WORKFLOW } from '@vitrine/contracts/names';
import { byName } from '@vitrine/planning';
import { searchAttributes } from './search-attributes.js';

export interface ScheduleKey {
  readonly project: string;
  readonly name: string;
}

/** A schedule as Temporal knows it; what became of its times is in the store. */
export type KnownSchedule = Omit<ScheduleView, 'recent'>;

interface Around {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
  /** Within a deadline, and with errors of ours. */
  readonly call: <T>(what: string, call: () => Promise<T>) => Promise<T>;
}

const OVERLAP = {
  skip: ['SKIP', 1],
  'buffer-one': ['BUFFER_ONE', 2],
  'buffer-all': ['BUFFER_ALL', 3],
  'cancel-other': ['CANCEL_OTHER', 4],
  'allow-all': ['ALLOW_ALL', 6],
} as const satisfies Record<Overlap, readonly [string, number]>;

type Patch = NonNullable<Parameters<Connection['workflowService']['patchSchedule']>[0]['patch']>;

/** Schedules of Temporal, of which it is the only truth: spec, pause and note. */
export class ScheduleGateway {
  constructor(private readonly around: Around) {}

  /** Makes the schedule unless there is one of its name; @returns whether it did. @throws VitrineError TemporalUnavailable */
  async create(spec: ScheduleSpec, note: string | undefined): Promise<boolean> {
    const { client, call } = this.around;
    const id = scheduleId(spec.project, spec.name);
    try {
      await call('make the schedule', () =>
        client.schedule.create({
          scheduleId: id,
          ...definitionOf(spec),
          state: note === undefined ? {} : { paused: true, note },
          memo: { project: spec.project },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) return false;
      throw error;
    }
  }

  /** @throws VitrineError TemporalUnavailable */
  async describe(key: ScheduleKey): Promise<KnownSchedule | undefined> {
    return this.ifKnown('describe the schedule', async () => {
      const { action, state, info } = await this.handle(key).describe();
      const [input] = (action.args ?? []) as unknown as [ScheduledInput];
      return {
        ...key,
        spec: scheduleSpecSchema.parse(input.spec),
        paused: state.paused,
        note: state.note ?? '',
        createdAt: info.createdAt.toISOString(),
        ...(info.lastUpdatedAt && { updatedAt: info.lastUpdatedAt.toISOString() }),
        next: state.paused ? [] : info.nextActionTimes.map((at) => at.toISOString()),
        counts: {
          taken: info.numActionsTaken,
          missed: info.numActionsMissedCatchupWindow,
          overlapped: info.numActionsSkippedOverlap,
        },
      };
    });
  }

  /** By Temporal's own index, which hears of changes a little later. @throws VitrineError TemporalUnavailable */
  async list(project: string): Promise<ScheduleList['schedules']> {
    const { client, call } = this.around;
    const prefix = scheduleId(project, '');
    return call('list the schedules', async () => {
      const found: ScheduleList['schedules'] = [];
      const query = `${SEARCH_ATTRIBUTE.project} = '${project}'`;
      for await (const { scheduleId: id, state, info } of client.schedule.list({ query })) {
        if (!id.startsWith(prefix)) continue;
        const next = state.paused ? undefined : info.nextActionTimes[0];
        const last = info.recentActions.at(-1)?.scheduledAt;
        found.push({
          project,
          name: id.slice(prefix.length),
          paused: state.paused,
          note: state.note ?? '',
          ...(next && { next: next.toISOString() }),
          ...(last && { last: last.toISOString() }),
        });
      }
      return found.sort((a, b) => byName(a.name, b.name));
    });
  }

  /** Replaces all but pause and note; false when there is none. */
  async edit(spec: ScheduleSpec): Promise<boolean> {
    return this.did('change the schedule', () =>
      this.handle(spec).update(({ state }) => ({ ...definitionOf(spec), state })),
    );
  }

  async pause(key: ScheduleKey, note: string): Promise<boolean> {
    return this.did('pause the schedule', () => this.handle(key).pause(note));
  }

  async resume(key: ScheduleKey, note: string): Promise<boolean> {
    return this.did('let the schedule go on', () => this.handle(key).unpause(note));
  }

  async remove(key: ScheduleKey): Promise<boolean> {
    return this.did('delete the schedule', () => this.handle(key).delete());
  }

  /** @param request of the client: Temporal takes the same one once */
  async trigger(key: ScheduleKey, { overlap }: ScheduleSpec, request?: string): Promise<boolean> {
    const overlapPolicy = OVERLAP[overlap][1];
    return this.patch(key, { triggerImmediately: { overlapPolicy } }, request);
  }

  /** As `trigger`, at all times between the two, both included. */
  async backfill(
    key: ScheduleKey,
    { from, until, overlap }: { from: Date; until: Date; overlap: Overlap },
    request?: string,
  ): Promise<boolean> {
    const range = {
      startTime: justBefore(from),
      endTime: timestamp(until),
      overlapPolicy: OVERLAP[overlap][1],
    };
    return this.patch(key, { backfillRequest: [range] }, request);
  }

  /** The times between the two, as a backfill takes them. */
  async timesBetween(key: ScheduleKey, from: Date, until: Date): Promise<string[]> {
    const { connection, namespace, call } = this.around;
    const answer = await call('list the times of the schedule', () =>
      connection.workflowService.listScheduleMatchingTimes({
        ...{ namespace, scheduleId: scheduleId(key.project, key.name) },
        ...{ startTime: justBefore(from), endTime: timestamp(until) },
      }),
    );
    return answer.startTime.map(({ seconds, nanos }) =>
      new Date(Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6)).toISOString(),
    );
  }

  private async patch(key: ScheduleKey, patch: Patch, request: string | undefined): Promise<boolean> {
    const { connection, namespace } = this.around;
    const requestId =
      request === undefined ? randomUUID() : createHash('sha256').update(request).digest('hex').slice(0, 36);
    return this.did('start what the schedule starts', () =>
      connection.workflowService.patchSchedule({
        ...{ namespace, scheduleId: scheduleId(key.project, key.name), patch, requestId },
        identity: 'vitrine',
      }),
    );
  }

  private handle({ project, name }: ScheduleKey) {
    return this.around.client.schedule.getHandle(scheduleId(project, name));
  }

  private async did(what: string, call: () => Promise<unknown>): Promise<boolean> {
    return (await this.ifKnown(what, () => call().then(() => true))) ?? false;
  }

  private async ifKnown<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.around.call(what, call);
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }
}

type Definition = Pick<ScheduleOptions, 'spec' | 'action' | 'policies' | 'typedSearchAttributes'>;

function definitionOf(spec: ScheduleSpec): Definition {
  const { project, name, times, overlap, catchUpSeconds, start } = spec;
  const { cron, timeZone, everySeconds, offsetSeconds, from, until, jitterSeconds } = times;
  const id = scheduleId(project, name);
  const input: ScheduledInput = { spec };
  return {
    spec: {
      ...(cron !== undefined && { cronExpressions: [cron].flat(), timezone: timeZone }),
      ...(everySeconds !== undefined && {
        intervals: [{ every: everySeconds * 1000, offset: offsetSeconds * 1000 }],
      }),
      ...(from !== undefined && { startAt: new Date(from) }),
      ...(until !== undefined && { endAt: new Date(until) }),
      ...(jitterSeconds > 0 && { jitter: jitterSeconds * 1000 }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW.scheduled,
      workflowId: id,
      taskQueue: CONTROL_QUEUE,
      args: [input],
      typedSearchAttributes: searchAttributes(project, start.pipeline.name),
    },
    policies: { overlap: OVERLAP[overlap][0], catchupWindow: catchUpSeconds * 1000 },
    typedSearchAttributes: searchAttributes(project, start.pipeline.name),
  };
}

/** Temporal leaves out the start of a range and takes its end. */
const justBefore = (at: Date) => timestamp(new Date(at.getTime() - 1));

function timestamp(at: Date): { seconds: never; nanos: number } {
  // The client's types want a Long where its encoder takes a number.
  return { seconds: Math.floor(at.getTime() / 1000) as never, nanos: (at.getTime() % 1000) * 1e6 };
}
