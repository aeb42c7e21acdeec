import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveEnvironment } from './secrets.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the environment of a program', () => {
  it('holds plain values, and secrets from where they are referred to', () => {
    writeFileSync(join(folder, 'key'), 'from-the-file\n');
    expect(
      resolveEnvironment(
        {
          PLAIN: 'x',
          A: { secretRef: { env: 'THE_KEY' } },
          B: { secretRef: { file: join(folder, 'key') } },
        },
        { THE_KEY: 'from-the-worker' },
      ),
    ).toEqual({
      values: { PLAIN: 'x', A: 'from-the-worker', B: 'from-the-file' },
      secrets: ['from-the-worker', 'from-the-file'],
    });
  });

  it('is refused for a secret that is not there or too short to be blotted out, without its value', () => {
    const of = (worker: Record<string, string>) => () =>
      resolveEnvironment({ A: { secretRef: { env: 'THE_KEY' } } }, worker);
    expect(of({})).toThrow(
      expect.objectContaining({
        code: 'SecretMissing',
        details: expect.objectContaining({ where: 'params.environment.A, variable THE_KEY' }),
      }),
    );
    expect(of({ THE_KEY: 'short' })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ actual: '5 characters' }) }),
    );
  });
});
