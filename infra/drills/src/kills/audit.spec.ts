import type { RunEvent } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { doneTwice, lostSeconds } from './audit.js';

const time = (second: number): string => new Date(second * 1000).toISOString();
const of = (second: number, stage: string) => ({ project: 'p', runId: 'r-1', stage, at: time(second) });
const attempt = (second: number, epoch: number, resumedFromStep = 0, stage = 'a'): RunEvent => ({
  type: 'attempt',
  ...of(second, stage),
  epoch,
  resumedFromStep,
  worker: 'w',
});
const checkpoint = (second: number, step: number, stage = 'a'): RunEvent => ({
  type: 'checkpoint',
  ...of(second, stage),
  epoch: 1,
  step,
  bytes: 1,
  seconds: 0,
  stallSeconds: 0,
});
const state = (second: number, to: 'running' | 'queued' | 'succeeded', stage = 'a'): RunEvent => ({
  type: 'stage',
  ...of(second, stage),
  state: to,
});

describe('what a drill finds done twice', () => {
  it('is an attempt of a stage whose result was kept before it', () => {
    expect(doneTwice([attempt(5, 1), attempt(9, 2)], [{ stage: 'a', at: 8000 }])).toEqual([
      'a: its result was kept',
    ]);
    expect(doneTwice([attempt(5, 1)], [{ stage: 'a', at: 8000 }])).toEqual([]);
  });

  it('is an attempt that goes on from before the last stored step', () => {
    const events = [attempt(1, 1), checkpoint(2, 10), checkpoint(3, 20), attempt(5, 2, 10)];
    expect(doneTwice(events, [])).toEqual(['a: went on from step 10, 20 was stored']);
    expect(doneTwice([...events.slice(0, 3), attempt(5, 2, 20)], [])).toEqual([]);
  });
});

describe('the time of devices that is lost', () => {
  it('is nothing for attempts that come to a result', () => {
    expect(lostSeconds([state(0, 'running'), attempt(1, 1), state(9, 'succeeded')], [])).toBe(0);
  });

  it('is what was done since the last checkpoint until the fault, and the start of the next attempt', () => {
    const events = [state(0, 'running'), attempt(1, 1), checkpoint(4, 10)];
    const again = [state(20, 'running'), attempt(22, 2, 10), state(30, 'succeeded')];
    expect(lostSeconds([...events, ...again], [7000])).toBe(3 + 2);
  });

  it('ends where the attempt says that it ends', () => {
    const events = [state(0, 'running'), attempt(1, 1), state(3, 'queued')];
    const again = [state(20, 'running'), attempt(21, 2), state(30, 'succeeded')];
    expect(lostSeconds([...events, ...again], [2000])).toBe(2 + 1);
  });

  it('is counted for each stage by itself', () => {
    const both = ['a', 'b'].flatMap((stage) => [
      state(0, 'running', stage),
      attempt(1, 1, 0, stage),
      state(20, 'running', stage),
      attempt(21, 2, 0, stage),
      state(30, 'succeeded', stage),
    ]);
    expect(lostSeconds(both, [5000])).toBe(2 * (4 + 1));
  });
});
