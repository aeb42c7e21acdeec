import type { Environment } from '@vitrine/config';
import { LiveScreen } from './progress/live-screen.js';
import { isLive, styleFor, type Style } from './progress/style.js';

/** What is used of a terminal or of whatever stands for one. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string | Uint8Array): unknown;
  getWindowSize?(): [columns: number, rows: number];
}

const NARROW = 20;
const USUAL = [100, 24] as const;

/** Where the command writes: results to standard output, everything else to standard error. */
export class Terminal {
  readonly style: Style;
  readonly errorStyle: Style;
  /** Lines may be drawn over. */
  readonly live: boolean;
  readonly screen: LiveScreen;

  constructor(
    private readonly out: Output,
    private readonly errors: Output,
    env: Environment,
  ) {
    this.style = styleFor({ env, isTerminal: out.isTTY ?? false });
    this.errorStyle = styleFor({ env, isTerminal: errors.isTTY ?? false });
    this.live = isLive({ env, isTerminal: out.isTTY ?? false });
    this.screen = new LiveScreen(out);
  }

  /** One column is left free: some terminals wrap a line that fills the last one. */
  get width(): number {
    return Math.max(NARROW, this.size()[0] - 1);
  }

  get height(): number {
    return this.size()[1];
  }

  line(text = ''): void {
    this.out.write(`${text}\n`);
  }

  write(text: string | Uint8Array): void {
    this.out.write(text);
  }

  json(document: unknown): void {
    this.line(JSON.stringify(document, undefined, 2));
  }

  /** For people only: not part of the result. */
  aside(text: string): void {
    this.errors.write(`${text}\n`);
  }

  /** Asked anew each time: a process in a session of its own is not told when the terminal changes its size. */
  private size(): readonly [columns: number, rows: number] {
    const [columns, rows] = this.out.getWindowSize?.() ?? USUAL;
    return [columns || USUAL[0], rows || USUAL[1]];
  }
}
