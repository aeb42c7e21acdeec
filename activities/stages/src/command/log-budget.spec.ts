import { describe, expect, it } from 'vitest';
import { LogBudget } from './log-budget.js';

describe('the budget of a log', () => {
  it('lets lines through until it is spent, counts the rest, and says so once there is room again', () => {
    const written: string[] = [];
    let now = 0;
    const budget = new LogBudget({
      now: () => now,
      write: (line) => written.push(line),
      limits: { burstBytes: 10, bytesPerSecond: 5 },
    });
    for (const line of ['aaaa', 'bbbb', 'cccc', 'dddd']) budget.line(line);
    now = 1000;
    budget.line('eeee');
    budget.line('ffff');
    budget.settle();
    budget.settle();
    const leftOut = (lines: number, bytes: number): string =>
      `… ${lines} lines (${bytes} bytes) are left out here: the program writes too much`;
    expect(written).toEqual(['aaaa', 'bbbb', leftOut(2, 8), 'eeee', leftOut(1, 4)]);
  });
});
