import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut: one line of a stage must not fill the log. */
const LONGEST_LINE = 8192;

/** Calls back for each line of a text stream, and for an unfinished last one at its end. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let cut = false;
  const take = (text: string): void => {
    if (!cut && text !== '') onLine(text.slice(0, LONGEST_LINE));
    cut = false;
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    if (rest.length > LONGEST_LINE) {
      take(rest);
      rest = '';
      cut = true;
    }
  });
  stream.on('end', () => take(rest + decoder.end()));
  // A pipe that breaks with its process says nothing that the process's end does not say.
  stream.on('error', () => undefined);
}
