import { describe, expect, it } from 'vitest';
import { eagerExecutor } from './eager-executor.js';
import { describeExecutor } from './program.conformance.js';

describeExecutor('eager', eagerExecutor);

describe('the eager executor', () => {
  it('names the entry that was never written', () => {
    const program = eagerExecutor.start({
      name: 'example',
      state: { a: { dtype: 'float32', shape: [] } },
      functions: {},
    });
    expect(() => program.readState()).toThrow("example: state 'a' was not written");
  });
});
