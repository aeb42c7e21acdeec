import type { Verification } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { verificationLines } from './verify.js';

const holding: Verification = {
  ...{ project: 'default', runId: 'judged-1', artifacts: 12, figures: 340 },
  differences: [],
  measured: [{ stage: 'train', reason: 'losses were measured while it trained' }],
};

describe('vitrine verify', () => {
  it('says how much it read and recomputed, and of what it could not', () => {
    expect(verificationLines(holding)).toEqual([
      'Run default/judged-1 holds: 12 artifacts read to the end, 340 figures recomputed, no difference.',
      'Not recomputed, train: losses were measured while it trained.',
    ]);
  });

  it('names each difference by its place, figure and digest, with what is stored and what comes out', () => {
    const difference = {
      ...{ where: 'judge.evaluation', figure: 'conditions.0.accuracy', sha256: 'ab'.repeat(32) },
      ...{ stored: '0.5', recomputed: '0.25' },
    };
    const lines = verificationLines({ ...holding, differences: [difference] });
    expect(lines[0]).toMatch(/^Run default\/judged-1 does not hold: .* 1 difference\.$/);
    expect(lines[2]).toMatch(/^judge\.evaluation +conditions\.0\.accuracy +abababababab +0\.5 +0\.25$/);
  });
});
