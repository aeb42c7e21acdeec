import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';

describe('the log of a worker', () => {
  it('is one JSON document per line, errors with their stacks, without task tokens', () => {
    const lines: string[] = [];
    const error = new Error('It broke.');
    createLogger((line) => lines.push(line)).warn('an attempt failed', {
      error,
      attempt: 2,
      size: 3n,
      taskToken: 'secret',
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('secret');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'warn',
      message: 'an attempt failed',
      error: error.stack,
      attempt: 2,
      size: '3',
    });
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
  });
});
