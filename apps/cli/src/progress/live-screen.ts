export interface Writable {
  write(text: string): void;
}

/**
 * Draws a block of lines over the one it drew before. What is printed above it stays in the scroll-back. Lines must not be
 * wider than the terminal: a wrapped one would be counted wrongly.
 */
export class LiveScreen {
  private drawn = 0;

  constructor(private readonly out: Writable) {}

  draw(lines: readonly string[]): void {
    // Each line is cleared behind its text instead of all at once before: nothing flickers.
    const text = lines.map((line) => `${line}\u001b[K\n`).join('');
    const shorter = this.drawn > lines.length ? '\u001b[J' : '';
    this.out.write(`${this.toTop()}${text}${shorter}`);
    this.drawn = lines.length;
  }

  /** Prints a line above the block, which is drawn again by the next `draw`. */
  above(line: string): void {
    this.out.write(`${this.toTop()}\u001b[J${line}\n`);
    this.drawn = 0;
  }

  /** Leaves the block where it is; the next `draw` begins below. */
  leave(): void {
    this.drawn = 0;
  }

  private toTop(): string {
    return this.drawn > 0 ? `\u001b[${this.drawn}A\r` : '';
  }
}
