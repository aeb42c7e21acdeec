import { sleep } from '@temporalio/workflow';

/** Characters of JSON that leave together: all commands of one step travel in one message, and the server takes 4 MiB. */
const MOST_TOGETHER = 500_000;

/** Lets a workflow hand out only so much at a time. A timer ends the step in which it would be too much. */
export class Outgoing {
  private characters = 0;
  private pause: Promise<void> | undefined;

  /** To be awaited, if there is something, before this is handed out. */
  room(payload: unknown): Promise<void> | undefined {
    if (!this.pause) {
      this.characters += JSON.stringify(payload).length;
      if (this.characters <= MOST_TOGETHER) return undefined;
      this.characters = 0;
      this.pause = sleep(1).finally(() => (this.pause = undefined));
    }
    return this.pause.then(() => this.room(payload));
  }
}
