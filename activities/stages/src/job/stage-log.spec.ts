import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StageLog, stageLogPath } from './stage-log.js';

const folder = mkdtempSync(join(tmpdir(), 'stage-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the log of a stage', () => {
  it('goes on over attempts', () => {
    const path = stageLogPath(folder, { runId: 'run-1', stage: 'train' });
    new StageLog(path).write('t0', 'info', 'first attempt');
    new StageLog(path).write('t1', 'warn', 'second attempt');
    expect(readFileSync(path, 'utf8')).toBe('t0 info first attempt\nt1 warn second attempt\n');
  });

  it('keeps the newest lines within twice its limit', () => {
    const path = join(folder, 'bounded.log');
    const log = new StageLog(path, 100);
    for (let i = 0; i < 100; i += 1) log.write('t', 'info', `line ${i}`);
    const kept = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept.endsWith('t info line 98\nt info line 99\n')).toBe(true);
  });
});
