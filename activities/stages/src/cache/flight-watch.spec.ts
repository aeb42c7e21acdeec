import { MockActivityEnvironment } from '@temporalio/testing';
import type { RunEvent } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { createWatchActivities, type SeenFlight } from './flight-watch.js';

const waiting = { project: 'default', runId: 'run-2', stage: 'b', flight: 'default/.cache/k' };
const from = { runId: 'run-1', stage: 'a' };

function watch(answers: (SeenFlight | undefined)[]) {
  const events: RunEvent[] = [];
  let looks = 0;
  const { watchFlight } = createWatchActivities({
    seeFlight: () => Promise.resolve(answers[Math.min((looks += 1), answers.length) - 1]),
    emit: (event) => events.push(event),
    clock: () => new Date('2026-01-01T00:00:00.000Z'),
    everyMilliseconds: 1,
  });
  const environment = new MockActivityEnvironment();
  return {
    events,
    environment,
    looks: () => looks,
    outcome: environment.run(watchFlight, waiting) as Promise<void>,
  };
}

describe('whoever watches a computation for a stage that waits', () => {
  it('ends when it is closed, and says once what is waited for', async () => {
    const { outcome, events, looks } = watch([
      { isOpen: true, from },
      { isOpen: true, from },
      { isOpen: false, from },
    ]);
    await outcome;
    expect(looks()).toBe(3);
    expect(events).toEqual([
      {
        type: 'stage',
        project: 'default',
        runId: 'run-2',
        stage: 'b',
        at: '2026-01-01T00:00:00.000Z',
        state: 'queued',
        waitsFor: from,
      },
    ]);
  });

  it('ends when the server knows nothing of it, and has nothing to say', async () => {
    const { outcome, events } = watch([undefined]);
    await outcome;
    expect(events).toEqual([]);
  });

  it('stops when nobody wants to know any more', async () => {
    const { outcome, environment } = watch([{ isOpen: true }]);
    const refused = expect(outcome).rejects.toMatchObject({ name: 'CancelledFailure' });
    environment.cancel();
    await refused;
  });
});
