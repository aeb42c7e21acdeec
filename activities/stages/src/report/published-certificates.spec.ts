import { readFileSync } from 'node:fs';
import { outerEnvelope, parseCertificationLog } from '@vitrine/ml-smoothing';
import { describe, expect, it } from 'vitest';
import { publishedFor } from './published-certificates.js';

const logs = ['0.12', '0.25', '0.50', '1.00'].map((sigma) => {
  const file = `../../../../infra/samples/certificates/cifar10-resnet110-sigma-${sigma}.tsv`;
  return parseCertificationLog(readFileSync(new URL(file, import.meta.url), 'utf8'));
});

describe('published rows', () => {
  it('of locuslab follow from its raw logs to the digit', () => {
    const [cohen] = publishedFor('cifar10-sample');
    expect(cohen?.source).toContain('locuslab/smoothing');
    for (const [radius, percent] of cohen?.certified ?? [])
      expect(Number((100 * outerEnvelope(logs, radius).accuracy).toFixed(1)), String(radius)).toBe(percent);
  });

  it('are those of the data set, and none for others', () => {
    expect(publishedFor('cifar10')).toHaveLength(6);
    expect(publishedFor('my-imagenet/validation')).toHaveLength(4);
    for (const other of ['cifar100', '@example/extras/stripes']) expect(publishedFor(other)).toEqual([]);
  });

  it('are marked where they were written down from memory', () => {
    const recalled = [...publishedFor('cifar10'), ...publishedFor('imagenet')].filter((row) => row.recalled);
    expect(recalled).toHaveLength(3);
    for (const { source } of recalled) expect(source).toBe('Carlini et al., ICLR 2023');
  });

  it('never rise with the radius, and say where they come from', () => {
    for (const { certified, source } of [...publishedFor('cifar10'), ...publishedFor('imagenet')]) {
      expect(source).not.toBe('');
      certified.forEach(([radius, percent], i) => {
        expect(radius).toBeGreaterThan(certified[i - 1]?.[0] ?? 0);
        expect(percent).toBeLessThanOrEqual(certified[i - 1]?.[1] ?? 100);
      });
    }
  });
});
