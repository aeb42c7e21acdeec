import { packFolder } from '@vitrine/artifact-store';
import {
  formatIssues,
  programMessageSchema,
  PROTOCOL_PREFIX,
  VitrineError,
  type HostMessage,
  type ProgramMessage,
} from '@vitrine/contracts';
import type { StageContext } from '../stage-context.js';
import type { LogBudget } from './log-budget.js';
import type { Redactor } from './redactor.js';

export interface DialogueOptions {
  readonly context: StageContext<'command'>;
  readonly redactor: Redactor;
  readonly log: LogBudget;
  readonly checkpointFolder: string;
  readonly resumedFromStep: number;
  readonly say: (message: HostMessage) => void;
}

/** Checkpoints that a program may ask for before it has heard of the first. */
const MOST_ASKED = 8;
/** Snapshots are kept in memory on their way. */
const MOST_CHECKPOINT_BYTES = 2 ** 31 - 1;
const TAIL_LINES = 30;

/** One side of the line protocol: what the program says becomes reports, checkpoints and log. */
export class Dialogue {
  step: number;
  metrics: Record<string, number> = {};
  /** The last lines of log, for whoever wonders why it failed. */
  readonly tail: string[] = [];
  private progress = { phase: 'run', total: 0 };
  private asked = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly options: DialogueOptions) {
    this.step = options.resumedFromStep;
  }

  /** Secrets are gone from the line already. */
  hear(line: string): void {
    if (!line.startsWith(PROTOCOL_PREFIX)) return this.overhear(line);
    const message = this.parse(line.slice(PROTOCOL_PREFIX.length));
    if (message) this.act(message);
  }

  /** Log, whatever it looks like. */
  overhear(line: string): void {
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
    this.options.log.line(line);
  }

  /** Resolves when every checkpoint that was asked for is stored, or refused. */
  async settled(): Promise<void> {
    await this.last;
  }

  private parse(text: string): ProgramMessage | undefined {
    try {
      const document: unknown = JSON.parse(text);
      const parsed = programMessageSchema.safeParse(document);
      if (parsed.success) return parsed.data;
      this.overhear(`no message of the protocol: ${formatIssues(parsed.error.issues, document)}`);
    } catch {
      this.overhear(`no message of the protocol, for want of JSON: ${text.slice(0, 200)}`);
    }
    return undefined;
  }

  private act(message: ProgramMessage): void {
    const { context, redactor } = this.options;
    switch (message.type) {
      case 'progress':
        this.step = message.step;
        this.progress = { phase: redactor.text(message.phase), total: message.total };
        this.measure(message.metrics);
        return this.report();
      case 'metrics':
        this.measure(message.metrics);
        return this.report();
      case 'log':
        return context.log(message.level, redactor.text(message.message).slice(0, 8192));
      case 'checkpoint':
        return this.checkpoint(message.step);
    }
  }

  private measure(metrics: Readonly<Record<string, number>>): void {
    const { redactor } = this.options;
    for (const [name, value] of Object.entries(metrics)) this.metrics[redactor.text(name)] = value;
  }

  private report(): void {
    void this.options.context.report({ ...this.progress, step: this.step, metrics: { ...this.metrics } });
  }

  private checkpoint(step: number): void {
    this.asked += 1;
    if (this.asked > MOST_ASKED) {
      this.asked -= 1;
      return this.refuse(step, `expected to wait for an answer after ${MOST_ASKED} requests`);
    }
    this.last = this.last.then(async () => {
      try {
        await this.store(step);
        this.options.say({ type: 'stored', step });
      } catch (error) {
        this.refuse(step, error instanceof VitrineError ? error.message : String(error));
      } finally {
        this.asked -= 1;
      }
    });
  }

  private async store(step: number): Promise<void> {
    const { context, redactor, checkpointFolder } = this.options;
    const pieces: Uint8Array[] = [];
    const packed = await packFolder(checkpointFolder, { limitBytes: MOST_CHECKPOINT_BYTES });
    for await (const piece of redactor.guard(packed, `checkpoint of step ${step}`)) pieces.push(piece);
    await context.checkpoints.save({ step, content: Buffer.concat(pieces) });
    await context.checkpoints.settle();
    this.step = Math.max(this.step, step);
    this.report();
  }

  private refuse(step: number, message: string): void {
    this.options.context.log('warn', this.options.redactor.text(`checkpoint of step ${step}: ${message}`));
    this.options.say({ type: 'not-stored', step, message });
  }
}
