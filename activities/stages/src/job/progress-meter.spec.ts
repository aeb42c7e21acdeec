import type { Progress } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { ProgressMeter } from './progress-meter.js';

function meter() {
  const clock = { now: 0 };
  const sent: Progress[] = [];
  const subject = new ProgressMeter({ now: () => clock.now, send: (progress) => sent.push(progress) });
  const report = (at: number, step: number, phase = 'train'): void => {
    clock.now = at;
    subject.update({ phase, step, total: 100, metrics: { loss: step } });
  };
  return { subject, clock, sent, report };
}

describe('progress', () => {
  it('has the rate of the last seconds and the time that is left at that rate', () => {
    const { sent, report } = meter();
    report(0, 0);
    for (let i = 1; i <= 20; i += 1) report(i * 1000, i);
    for (let i = 1; i <= 12; i += 1) report(20_000 + i * 1000, 20 + 4 * i);
    expect(sent[0]).toMatchObject({ stepsPerSecond: 0, etaSeconds: null });
    expect(sent[20]).toMatchObject({ step: 20, stepsPerSecond: 1, etaSeconds: 80 });
    expect(sent.at(-1)).toMatchObject({ step: 68, stepsPerSecond: 4, etaSeconds: 8 });
  });

  it('has a rate when a step takes longer than those seconds', () => {
    const { sent, report } = meter();
    report(0, 0);
    report(20_000, 1);
    report(40_000, 2);
    expect(sent.at(-1)?.stepsPerSecond).toBeCloseTo(0.05);
  });

  it('starts its rate anew when a stage goes back', () => {
    const { sent, report } = meter();
    report(0, 50);
    report(1000, 3);
    report(2000, 4);
    expect(sent.at(-1)?.stepsPerSecond).toBe(1);
  });

  it('is passed on a few times a second, and at once when the phase changes', () => {
    const { sent, report } = meter();
    for (let at = 0; at < 1000; at += 10) report(at, at / 10);
    expect(sent).toHaveLength(5);
    report(1000, 100, 'evaluate');
    expect(sent.at(-1)).toMatchObject({ phase: 'evaluate', step: 100 });
  });

  it('is passed on to the last report', () => {
    const { subject, sent, report } = meter();
    report(0, 1);
    report(10, 2);
    report(20, 3);
    expect(sent.map(({ step }) => step)).toEqual([1]);
    subject.flush();
    subject.flush();
    expect(sent.map(({ step }) => step)).toEqual([1, 3]);
  });

  it('that was held back is passed on by itself when no other comes', async () => {
    const { sent, report } = meter();
    report(0, 1);
    report(10, 2);
    while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(sent[1]?.step).toBe(2);
  });
});
