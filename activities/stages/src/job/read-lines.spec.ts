import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { readLines } from './read-lines.js';

async function linesOf(chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return lines;
}

describe('readLines', () => {
  it('joins what chunks have torn apart, characters included', async () => {
    const bytes = Buffer.from('größe\nzwei');
    const torn = [bytes.subarray(0, 3), bytes.subarray(3)];
    expect(await linesOf(torn)).toEqual(['größe', 'zwei']);
  });

  it('leaves out empty lines and carriage returns', async () => {
    expect(await linesOf(['a\r\n\n', 'b\n'])).toEqual(['a', 'b']);
  });

  it('cuts a line that does not end, once, and goes on with the next', async () => {
    const lines = await linesOf(['x'.repeat(9000), 'x'.repeat(9000), 'x\nnext\n']);
    expect(lines.map((line) => line.length)).toEqual([8192, 4]);
  });
});
