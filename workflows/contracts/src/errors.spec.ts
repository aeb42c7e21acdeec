import { describe, expect, it } from 'vitest';
import { ERRORS, ERROR_CODES, VitrineError, describeError, isErrorCode, toVitrineError } from './errors.js';

describe('an error', () => {
  it('says what, where, expected, actual and what to do, in that order', () => {
    const error = new VitrineError('DatasetCorrupt', 'A record has an impossible label.', {
      where: 'data_batch_1.bin, byte 3073',
      expected: 'a label from 0 to 9',
      actual: '17',
    });
    expect(describeError(error.toView()).split('\n')).toEqual([
      'DatasetCorrupt: A record has an impossible label.',
      '  where:    data_batch_1.bin, byte 3073',
      '  expected: a label from 0 to 9',
      '  actual:   17',
      `  to do:    ${ERRORS.DatasetCorrupt.hint}`,
    ]);
  });

  it('keeps its cause and is not wrapped twice', () => {
    const cause = new Error('disk');
    const wrapped = toVitrineError(cause, 'StageFailed');
    expect(wrapped.cause).toBe(cause);
    expect(toVitrineError(wrapped)).toBe(wrapped);
  });

  it.each(ERROR_CODES)('%s tells a person what to do', (code) => {
    expect(ERRORS[code].hint).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('does not take a property of every object for a code', () => {
    expect(isErrorCode('toString')).toBe(false);
  });
});
