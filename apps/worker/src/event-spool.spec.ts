import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '@vitrine/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { EventSpool } from './event-spool.js';

let folder: string;
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((one) => rmSync(one, { recursive: true })));
function spool(limits = {}, pid = process.pid): EventSpool {
  if (folders.length === 0) folders.push((folder = mkdtempSync(join(tmpdir(), 'event-spool-'))));
  return new EventSpool(folder, limits, pid);
}

const common = { project: 'default', runId: 'run-1', stage: 'train', at: '2026-01-01T00:00:00.000Z' };
const log = (message: string): RunEvent => ({ type: 'log', ...common, level: 'info', message });
const progress = (step: number): RunEvent => ({
  type: 'progress',
  ...common,
  progress: { phase: 'train', step, total: 9, stepsPerSecond: 1, etaSeconds: 1, metrics: {} },
});
const checkpoint = (step: number): RunEvent => ({
  type: 'checkpoint',
  ...common,
  epoch: 1,
  step,
  bytes: 10,
  seconds: 1,
  stallSeconds: 0,
});

function drain(subject: EventSpool): RunEvent[] {
  const events: RunEvent[] = [];
  while (!subject.isEmpty) {
    events.push(...subject.oldest());
    subject.settle([]);
  }
  return events;
}

describe('the spool of events', () => {
  it('gives them back in order, over many files', () => {
    const subject = spool({ segmentBytes: 300 });
    const events = Array.from({ length: 20 }, (_, step) => checkpoint(step));
    for (const event of events) subject.append([event]);
    expect(readdirSync(join(folder, `worker-${process.pid}`)).length).toBeGreaterThan(3);
    expect(drain(subject)).toEqual(events);
  });

  it('keeps what is left of the oldest', () => {
    const subject = spool();
    subject.append([log('a'), log('b'), log('c')]);
    subject.oldest();
    subject.settle([log('c')]);
    subject.append([log('d')]);
    expect(drain(subject)).toEqual([log('c'), log('d')]);
  });

  it('keeps what came while the oldest were on their way', () => {
    const subject = spool();
    subject.append([log('a')]);
    expect(subject.oldest()).toEqual([log('a')]);
    subject.append([log('b')]);
    subject.settle([]);
    expect(drain(subject)).toEqual([log('b')]);
  });

  it('gives up progress first, then logs, the oldest first, and never what cannot be made up for', () => {
    const subject = spool({ segmentBytes: 1000, totalBytes: 4_000 });
    for (let step = 0; step < 40; step += 1)
      subject.append([progress(step), log(`l${step}`), checkpoint(step)]);
    const left = drain(subject);
    expect(left.filter(({ type }) => type === 'checkpoint')).toEqual(
      Array.from({ length: 40 }, (_, step) => checkpoint(step)),
    );
    expect(left).not.toContainEqual(progress(30));
    expect(left).not.toContainEqual(log('l30'));
  });

  it('keeps logs as long as giving up progress is enough', () => {
    const subject = spool({ segmentBytes: 400, totalBytes: 5_000 });
    for (let step = 0; step < 100; step += 1) subject.append([progress(step)]);
    subject.append([log('kept')]);
    const left = drain(subject);
    expect(left).toContainEqual(log('kept'));
    expect(left.length).toBeLessThan(40);
    expect(left.at(-2)).toEqual(progress(99));
  });

  it('drops a file that its writer died before finishing: what it was to replace is still there', () => {
    const GONE = 2 ** 22 + 1;
    const left = spool({}, GONE);
    left.append([checkpoint(1), log('said')]);
    const [segment = ''] = readdirSync(join(folder, `worker-${GONE}`));
    writeFileSync(join(folder, `worker-${GONE}`, `${segment}.new`), `${JSON.stringify(checkpoint(1))}\n`);
    const subject = spool();
    expect(readdirSync(folder)).toEqual([`worker-${process.pid}`]);
    expect(drain(subject)).toEqual([checkpoint(1), log('said')]);
  });

  it('takes over what workers left that are gone, before its own, and leaves alone those that live', () => {
    const living = spool({}, process.ppid);
    living.append([log('not ours')]);
    spool({}, 2 ** 22 + 1).append([log('left behind')]);
    const subject = spool();
    subject.append([log('own')]);
    expect(drain(subject)).toEqual([log('left behind'), log('own')]);
    expect(drain(living)).toEqual([log('not ours')]);
  });

  it('leaves out lines that a crash has cut off', () => {
    const subject = spool();
    subject.append([log('whole')]);
    const own = join(folder, `worker-${process.pid}`);
    appendFileSync(join(own, readdirSync(own)[0] ?? ''), '{"type":"log","pro');
    expect(drain(spool())).toEqual([log('whole')]);
  });

  it('is not disturbed by other things in its folder', () => {
    spool();
    mkdirSync(join(folder, 'worker-notes'));
    writeFileSync(join(folder, 'readme'), 'x');
    expect(spool().isEmpty).toBe(true);
  });
});
