import { describe, expect, it } from 'vitest';
import { stderrLevel } from './stderr-level.js';

describe('a line on standard error', () => {
  it.each([
    ['I0000 00:00:1795225341.536658   27066 port.cc:153] oneDNN custom operations are on.', 'debug'],
    ['WARNING: All log messages before absl::InitializeLog() is called are written to STDERR', 'debug'],
    ['W0000 00:00:1795225341.536658   27066 cpu_allocator.cc:84] Allocation exceeds 10%', 'warn'],
    ['E0000 00:00:1795225341.536658   27066 cuda_dnn.cc:10] cannot register', 'error'],
    ['(node:1) Warning: something is deprecated', 'warn'],
  ])('%s is worth %s', (line, level) => {
    expect(stderrLevel(line)).toBe(level);
  });
});
