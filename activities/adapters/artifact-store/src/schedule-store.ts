import { scheduleHistorySchema, type ScheduleHistory } from '@vitrine/contracts';
import type { ScheduleStore } from './artifact-store.js';
import { changeDocument, readDocument, type DocumentAt } from './documents.js';
import { schedulesPrefix } from './keys.js';
import type { Objects } from './objects.js';

/** What became of the times of schedules, over any object server. */
export class ObjectScheduleStore implements ScheduleStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async history(project: string, schedule: string): Promise<ScheduleHistory | undefined> {
    return (await readDocument(this.#at(project, schedule)))?.document;
  }

  async change(
    project: string,
    schedule: string,
    change: (known: ScheduleHistory) => ScheduleHistory | undefined,
  ): Promise<void> {
    const none: ScheduleHistory = { format: 1, project, schedule, entries: [] };
    await changeDocument(this.#at(project, schedule), (known) => change(known ?? none));
  }

  #at(project: string, schedule: string): DocumentAt<ScheduleHistory> {
    const key = `${schedulesPrefix(project)}${schedule}.json`;
    return { objects: this.#objects, key, schema: scheduleHistorySchema };
  }
}
