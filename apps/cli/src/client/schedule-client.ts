import {
  backfillSchema,
  scheduleListSchema,
  scheduleViewSchema,
  type Backfill,
  type BackfillRequest,
  type ScheduleList,
  type ScheduleSpec,
  type ScheduleView,
} from '@vitrine/contracts';
import { sentAgain, type ApiClient } from './api-client.js';
import { sending } from './sending.js';

export interface ScheduleName {
  readonly project: string;
  readonly name: string;
}

/** The part of the HTTP API that is about schedules. What may be sent twice is sent once more when its answer is lost. */
export class ScheduleClient {
  constructor(private readonly api: Pick<ApiClient, 'json'>) {}

  /** @param paused why it does not start yet */
  create(spec: ScheduleSpec, paused: string | undefined): Promise<ScheduleView> {
    const query = paused === undefined ? '' : `?${new URLSearchParams({ paused }).toString()}`;
    return sentAgain(() => this.post(`/api/v1/schedules${query}`, spec));
  }

  list(project: string): Promise<ScheduleList> {
    const query = new URLSearchParams({ project }).toString();
    return this.api.json(`/api/v1/schedules?${query}`, scheduleListSchema);
  }

  view(schedule: ScheduleName): Promise<ScheduleView> {
    return this.api.json(pathOf(schedule), scheduleViewSchema);
  }

  edit(spec: ScheduleSpec): Promise<ScheduleView> {
    return sentAgain(() => this.post(`${pathOf(spec)}/edit`, spec));
  }

  note(schedule: ScheduleName, command: 'pause' | 'resume', note: string): Promise<ScheduleView> {
    return sentAgain(() => this.post(`${pathOf(schedule)}/${command}`, { note }));
  }

  trigger(schedule: ScheduleName, idempotencyKey: string): Promise<ScheduleView> {
    return sentAgain(() => this.post(`${pathOf(schedule)}/trigger`, {}, idempotencyKey));
  }

  remove(schedule: ScheduleName): Promise<ScheduleView> {
    return this.post(`${pathOf(schedule)}/delete`, {});
  }

  backfill(schedule: ScheduleName, request: BackfillRequest, idempotencyKey: string): Promise<Backfill> {
    return sentAgain(() =>
      this.api.json(`${pathOf(schedule)}/backfill`, backfillSchema, sending(request, { idempotencyKey })),
    );
  }

  private post(path: string, body: object, idempotencyKey?: string): Promise<ScheduleView> {
    return this.api.json(path, scheduleViewSchema, sending(body, { idempotencyKey }));
  }
}

function pathOf({ project, name }: ScheduleName): string {
  return `/api/v1/schedules/${encodeURIComponent(project)}/${encodeURIComponent(name)}`;
}
