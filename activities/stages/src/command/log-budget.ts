export interface LogBudgetOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly write: (line: string) => void;
  readonly limits?: Partial<LogLimits>;
}

export interface LogLimits {
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
}

/** Far more than people read, far less than what harms worker and API. */
const LIMITS: LogLimits = { burstBytes: 2 ** 20, bytesPerSecond: 64 * 2 ** 10 };

/** Lets through as much log as anybody can use and counts the rest: a program must not drown what it runs under. */
export class LogBudget {
  private readonly limits: LogLimits;
  private left: number;
  private at: number;
  private dropped = { lines: 0, bytes: 0 };

  constructor(private readonly options: LogBudgetOptions) {
    this.limits = { ...LIMITS, ...options.limits };
    this.left = this.limits.burstBytes;
    this.at = options.now();
  }

  line(text: string): void {
    this.refill();
    if (this.left < text.length) {
      this.dropped.lines += 1;
      this.dropped.bytes += text.length;
      return;
    }
    this.settle();
    this.left -= text.length;
    this.options.write(text);
  }

  /** Says what was left out since the last time. */
  settle(): void {
    const { lines, bytes } = this.dropped;
    if (lines === 0) return;
    this.dropped = { lines: 0, bytes: 0 };
    this.options.write(`… ${lines} lines (${bytes} bytes) are left out here: the program writes too much`);
  }

  private refill(): void {
    const now = this.options.now();
    const { burstBytes, bytesPerSecond } = this.limits;
    this.left = Math.min(burstBytes, this.left + ((now - this.at) / 1000) * bytesPerSecond);
    this.at = now;
  }
}
