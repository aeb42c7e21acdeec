import { readFileSync } from 'node:fs';
import { parseScheduleSpec } from '@vitrine/contracts';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

it('the schedule that ships is one', () => {
  const spec = parseScheduleSpec(parse(readFileSync(new URL('schedule.yaml', import.meta.url), 'utf8')));
  expect(spec.start.kind).toBe('retrain');
});
