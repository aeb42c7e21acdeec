import { Readable } from 'node:stream';
import { VitrineError } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';

const SECRET = 'Pa55?wörd/with+odd&chars%20"x"';
const redactor = new Redactor([SECRET]);

async function through(pieces: readonly (string | Buffer)[], of = redactor): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of Readable.from(pieces.map((piece) => Buffer.from(piece))).pipe(of.stream()))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const base64 = (before: string): string => Buffer.from(`${before}${SECRET}${before}`).toString('base64');

describe('a secret', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ a: SECRET })],
    ['in percent-encoding', `https://x/?k=${encodeURIComponent(SECRET)}&y`],
    ['in lower-case percent-encoding', encodeURIComponent(SECRET).toLowerCase().replace('pa55', 'Pa55')],
    ['in a form', new URLSearchParams({ k: SECRET }).toString().replaceAll('*', '%2A')],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in base64 at offset 0', base64('')],
    ['in base64 at offset 1', base64('a')],
    ['in base64 at offset 2', base64('ab')],
    ['in base64url', Buffer.from(`Bearer ${SECRET}`).toString('base64url')],
  ])('is blotted out %s, in one piece, byte by byte and broken over lines', async (_form, text) => {
    const bytes = Buffer.from(`before ${text} after\n`);
    const whole = await through([bytes]);
    expect(whole).toContain('***');
    expect(whole).toMatch(/^before .*after\n$/s);
    expect(await through([...bytes].map((byte) => Buffer.from([byte])))).toBe(whole);
    const wrapped = text.replaceAll(/(.{5})/g, '$1\n');
    const left = (await through([`before ${wrapped} after\n`])).replaceAll('\n', '');
    expect(left).toBe(whole.replaceAll('\n', ''));
    expect(redactor.text(text)).not.toBe(text);
  });

  it('leaves everything else as it is, whatever the pieces are', async () => {
    const text = 'Pa55 begins like it, and so does Pa55?wör\nöäü€🙂\n\n\nPa';
    expect(await through([text])).toBe(text);
    expect(await through([...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toBe(text);
  });

  it('of several lines is found line by line as well', async () => {
    const key = new Redactor(['-----BEGIN-----\nabcdefghijklmnopqrstuvwxyz\n-----END-----']);
    expect(await through(['the key is abcdefghijklmnopqrstuvwxyz.'], key)).toBe('the key is ***.');
  });

  it('is gone from an error, with what caused it', () => {
    const error = redactor.error(
      new VitrineError('StageFailed', `bad ${SECRET}`, { actual: `x ${SECRET}`, cause: new Error(SECRET) }),
    );
    expect(JSON.stringify(error.toView())).not.toContain('wörd');
    expect(String(error.stack)).not.toContain('wörd');
    expect(error.cause).toBeUndefined();
  });

  it('keeps what holds it from leaving, also over the border of two pieces', async () => {
    const bytes = Buffer.concat([Buffer.alloc(100_000), Buffer.from(SECRET), Buffer.alloc(1000)]);
    const read = async (cut: number): Promise<void> => {
      const pieces = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]);
      for await (const _ of redactor.guard(pieces, 'output a')) continue;
    };
    for (const cut of [10, 100_005, 100_500])
      await expect(read(cut)).rejects.toMatchObject({
        code: 'SecretExposed',
        details: { where: 'output a' },
      });
  });
});
