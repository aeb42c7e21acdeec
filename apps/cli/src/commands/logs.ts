import type { LogLine, LogLevel } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { takeInterrupts } from '../interrupts.js';
import { paint, printable, type Tone } from '../progress/style.js';
import type { Terminal } from '../terminal.js';
import { findRun } from './run-name.js';

interface LogOptions {
  readonly stage?: string;
  readonly follow: boolean;
  /** Also what is only of use for looking for mistakes. */
  readonly debug: boolean;
  readonly json: boolean;
}

const TONES: Readonly<Record<LogLevel, Tone>> = { debug: 'dim', info: 'plain', warn: 'warn', error: 'bad' };

/** `vitrine logs`. */
export async function logs(context: Context, text: string, options: LogOptions): Promise<number> {
  const api = apiClient(context);
  const name = await findRun(api, text);
  const print = printer(context.terminal, options);
  let after = 0;
  const printNew = async (): Promise<void> => {
    for (let more = true; more;) {
      const query = { after: String(after), ...(options.stage !== undefined && { stage: options.stage }) };
      const page = await api.logs(name, query);
      page.lines.forEach(print);
      ({ next: after, more } = page);
    }
  };
  await printNew();
  if (!options.follow) return EXIT.ok;
  const interrupts = takeInterrupts();
  try {
    // The events only say that there is something new: pages hold it, the same for those who come late.
    for await (const { sequence } of api.events(name, after, interrupts.signal)) {
      if (sequence > after) await printNew();
    }
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

function printer(terminal: Terminal, { json, debug }: LogOptions): (line: LogLine) => void {
  return (line) => {
    if (line.level === 'debug' && !debug) return;
    if (json) {
      terminal.line(JSON.stringify(line));
      return;
    }
    const time = paint(line.at.slice(11, 19), 'dim', terminal.style);
    const level = line.level === 'info' ? '' : `${line.level}: `;
    terminal.line(
      `${time} ${line.stage}  ${paint(level + printable(line.message), TONES[line.level], terminal.style)}`,
    );
  };
}
