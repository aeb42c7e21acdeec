import type { EndedStart, RunRequest, ScheduleActivities, ScheduledStart } from '@vitrine/contracts';
import { scheduledRun } from '@vitrine/planning';

/** Real plans, and a note of all that was asked. A schedule that wants new data finds none. */
export class ScheduleDouble {
  readonly prepared: ScheduledStart[] = [];
  readonly concluded: EndedStart[] = [];

  constructor(private readonly requests: Map<string, RunRequest>) {}

  readonly control: ScheduleActivities = {
    prepareStart: (start) => {
      this.prepared.push(start);
      if (start.spec.newData) return Promise.resolve({});
      const request = scheduledRun(start, { codeVersion: 'code', submittedAt: '2026-01-01T00:00:00.000Z' });
      this.requests.set(request.runId, request);
      return Promise.resolve({ request });
    },
    concludeStart: (end) => {
      this.concluded.push(end);
      return Promise.resolve();
    },
  };
}
