import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERRORS, VitrineError } from './errors.js';
import { errorOfFailure, failureFields } from './failure.js';

describe('an error that crosses Temporal', () => {
  it.each(ERROR_CODES)('comes back whole: %s', (code) => {
    const view = new VitrineError(code, 'It failed.', {
      where: 'stage train, step 7',
      expected: 'a',
      actual: 'b',
      hint: 'Do c.',
    }).toView();
    const fields = failureFields(view);
    expect(errorOfFailure(JSON.parse(JSON.stringify(fields)))).toEqual(view);
    expect(fields.nonRetryable).toBe(ERRORS[code].retry === 'never');
  });

  it('is told by its type when another hand made it', () => {
    expect(errorOfFailure({ type: 'WorkerShutdown', message: 'Worker is shutting down' })).toEqual({
      code: 'WorkerShutdown',
      message: 'Worker is shutting down',
      hint: ERRORS.WorkerShutdown.hint,
    });
  });

  it.each([undefined, null, 'TypeError', 'toString'])('is none of ours when its type is %s', (type) => {
    expect(errorOfFailure({ type, message: 'x' })).toBeUndefined();
  });
});
