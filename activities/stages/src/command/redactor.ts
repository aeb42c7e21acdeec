import { Transform, type TransformCallback } from 'node:stream';
import { VitrineError } from '@vitrine/contracts';

const BLOT = '***';
/** Text is held back while it could be the beginning of a secret; line breaks do not count, so there must be a bound. */
const MOST_HELD = 65_536;
/** Each line of a longer secret, such as a key file, counts by itself from this length on. */
const LINE_LENGTH = 16;

/**
 * Finds secrets in what a program writes: as they are, in base64 and base64url at any offset, in hexadecimal, in
 * percent-encoding and as JSON writes them, also with line breaks in between. Text is handled as bytes, one per character.
 */
export class Redactor {
  /** Longest first, so that a secret within another leaves no rest of it. */
  private readonly forms: readonly string[];
  private readonly longest: number;

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= 6));
    this.forms = [...forms].sort((a, b) => b.length - a.length);
    this.longest = this.forms[0]?.length ?? 0;
  }

  get isIdle(): boolean {
    return this.forms.length === 0;
  }

  text(text: string): string {
    if (this.isIdle) return text;
    const bytes = Buffer.from(text, 'utf8').toString('latin1');
    return Buffer.from(this.blot(bytes).text, 'latin1').toString('utf8');
  }

  /** The error as it may be told; what caused it stays behind, because nobody knows what that holds. */
  error(error: VitrineError): VitrineError {
    if (this.isIdle) return error;
    const { where, expected, actual, hint } = error.details;
    const told = (name: string, value: string | undefined): Record<string, string> =>
      value === undefined ? {} : { [name]: this.text(value) };
    return new VitrineError(error.code, this.text(error.message), {
      ...told('where', where),
      ...told('expected', expected),
      ...told('actual', actual),
      ...told('hint', hint),
    });
  }

  /** A stream that blots secrets out, also those that arrive in pieces. */
  stream(): Transform {
    let held = '';
    const push = (chunk: string, isLast: boolean): Buffer => {
      const { text, safe } = this.blot(held + chunk);
      const give = isLast || text.length - safe > MOST_HELD ? text.length : safe;
      held = text.slice(give);
      return Buffer.from(text.slice(0, give), 'latin1');
    };
    return new Transform({
      transform: (chunk: Buffer, _encoding, done: TransformCallback) =>
        done(null, push(chunk.toString('latin1'), false)),
      flush: (done: TransformCallback) => done(null, push('', true)),
    });
  }

  /** Passes bytes through and throws where they hold a secret: nothing of it is to leave this machine. */
  async *guard(content: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
    let tail = '';
    for await (const piece of content) {
      if (!this.isIdle) {
        const text = tail + Buffer.from(piece).toString('latin1');
        const { found, safe } = this.blot(text);
        if (found)
          throw new VitrineError('SecretExposed', 'What the program gives away holds a secret.', {
            where,
            expected: 'bytes in which no secret of params.environment is',
            actual: 'one of them, as it is or encoded',
          });
        tail = text.slice(safe);
      }
      yield piece;
    }
  }

  /** Replaces what is found; `safe` is where a possible beginning of another secret starts. */
  private blot(text: string): { text: string; safe: number; found: boolean } {
    const plain = text.replaceAll(/[\r\n]/g, '');
    const ranges = this.find(plain);
    if (ranges.length === 0) return { text, safe: this.safeEnd(text, plain), found: false };
    const place = placesOf(text);
    let result = '';
    let end = 0;
    for (const [from, to] of ranges) {
      result += text.slice(end, place[from]) + BLOT;
      end = (place[to - 1] ?? 0) + 1;
    }
    const rest = text.slice(end);
    const safeRest = this.safeEnd(rest, rest.replaceAll(/[\r\n]/g, ''));
    return { text: result + rest, safe: result.length + safeRest, found: true };
  }

  /** Where the forms are, in order and apart. */
  private find(plain: string): [number, number][] {
    const hits: [number, number][] = [];
    for (const form of this.forms)
      for (let at = plain.indexOf(form); at >= 0; at = plain.indexOf(form, at + 1))
        hits.push([at, at + form.length]);
    hits.sort(([a], [b]) => a - b);
    const merged: [number, number][] = [];
    for (const [from, to] of hits) {
      const last = merged.at(-1);
      if (last && from < last[1]) last[1] = Math.max(last[1], to);
      else merged.push([from, to]);
    }
    return merged;
  }

  /** Up to here no later text can make a secret of this one. */
  private safeEnd(text: string, plain: string): number {
    const most = Math.min(plain.length, this.longest - 1);
    for (let length = most; length > 0; length--) {
      const tail = plain.slice(-length);
      if (this.forms.some((form) => form.length > length && form.startsWith(tail)))
        return startOfLast(text, length);
    }
    return text.length;
  }
}

/** Index in the text of each character that is no line break. */
function placesOf(text: string): number[] {
  const places: number[] = [];
  for (let index = 0; index < text.length; index++) if (!isBreak(text, index)) places.push(index);
  return places;
}

/** Where the last so many characters begin, line breaks not counted. */
function startOfLast(text: string, count: number): number {
  let left = count;
  for (let index = text.length - 1; index >= 0; index--) {
    if (!isBreak(text, index)) left -= 1;
    if (left === 0) return index;
  }
  return 0;
}

function isBreak(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 10 || code === 13;
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_LENGTH);
  return [secret, ...lines].flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8');
    const escaped = encodeURIComponent(text);
    return [
      bytes.toString('latin1').replaceAll(/[\r\n]/g, ''),
      Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8').toString('latin1'),
      escaped,
      escaped.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      escaped.replaceAll('%20', '+'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
    ];
  });
}

/** The characters of base64 that the bytes alone decide when they begin so many bytes after a multiple of three. */
function base64At(bytes: Buffer, offset: 0 | 1 | 2 | number): string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const inner = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}
