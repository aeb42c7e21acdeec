import { parseAround } from './parse-around.js';
import { scheduleSpecSchema, type ScheduleSpec } from './schedule-spec.js';

/**
 * Checks a decoded YAML or JSON document of a schedule.
 * @throws VitrineError InvalidSpec with one line per wrong field: its path, what was expected, what was found
 */
export function parseScheduleSpec(document: unknown, source = 'schedule'): ScheduleSpec {
  const pipeline = ['start', 'pipeline'];
  return parseAround(document, source, { schema: scheduleSpecSchema, kind: 'schedule', pipeline });
}
