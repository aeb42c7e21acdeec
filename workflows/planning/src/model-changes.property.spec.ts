import fc from 'fast-check';
import type { RegisteredModel } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { champion, promote, rollBack, type Changed } from './model-changes.js';

const at = '2026-01-01T00:00:00.000Z';
const artifactOf = (bytes: number) => ({
  type: 'model' as const,
  uri: `s3://bucket/${bytes}`,
  sha256: bytes.toString(16).padStart(64, '0'),
  bytes,
  mediaType: 'application/octet-stream',
});
const newVersion = (bytes: number) => ({
  artifact: artifactOf(bytes),
  from: { runId: `run-${bytes}`, stage: 'train', output: 'model' },
});
const told = (id: string) => ({ id, at, by: 'somebody', why: '' });
const promoting = (id: string, bytes: number) => ({
  ...{ project: 'default', model: 'small', ...told(id) },
  candidate: newVersion(bytes),
});

function made(changed: Changed): RegisteredModel {
  if (typeof changed === 'string') throw new Error(changed);
  return changed;
}

describe('the changes of a model', () => {
  it('are only ever added to, and the last one says who is champion', () => {
    const step = fc.oneof(
      fc.record({ promote: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ back: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let known: RegisteredModel | undefined;
        for (const [index, one] of steps.entries()) {
          const id = `change-${index}`;
          if (!('promote' in one) && !known) continue;
          const changed: Changed =
            'promote' in one
              ? promote(known, promoting(id, one.promote))
              : rollBack(known as RegisteredModel, { to: one.back, ...told(id) });
          if (typeof changed === 'string') continue;
          expect(changed.changes.slice(0, -1)).toEqual(known?.changes ?? []);
          expect(changed.versions.slice(0, known?.versions.length ?? 0)).toEqual(known?.versions ?? []);
          expect(changed.versions.map(({ version }) => version)).toEqual(
            changed.versions.map((_, i) => i + 1),
          );
          expect(champion(changed).version).toBe(changed.changes.at(-1)?.version);
          if (known) expect(champion(changed).version).not.toBe(champion(known).version);
          known = changed;
        }
      }),
    );
  });

  it('go back to whoever was champion before, also twice, and say when there is nobody', () => {
    let known = made(promote(undefined, promoting('a', 1)));
    known = made(promote(known, promoting('b', 2)));
    known = made(promote(known, promoting('c', 3)));
    known = made(rollBack(known, told('d')));
    expect(champion(known).version).toBe(2);
    known = made(rollBack(known, told('e')));
    expect(champion(known).version).toBe(1);
    expect(rollBack(known, told('f'))).toBe('version 1 had no champion before it');
    expect(known.changes.map(({ action }) => action)).toEqual([
      'promote',
      'promote',
      'promote',
      'rollback',
      'rollback',
    ]);
  });

  it('are made once, however often the same request is sent', () => {
    const known = made(promote(undefined, promoting('a', 1)));
    expect(promote(known, promoting('a', 1))).toBe(known);
    expect(promote(known, promoting('b', 1))).toBe('version 1 is the champion already');
  });
});
