import type { PoolAsk } from '@vitrine/contracts';

interface Numbered {
  readonly ask: PoolAsk;
  /** In the order of asking. */
  readonly number: number;
}

/**
 * Those who wait, in lines of their likes: who stands behind another in one of them fits nowhere where that one does not, so
 * whoever gives out devices looks at the heads only.
 */
export class WaitingLine {
  private readonly places = new Map<string, Numbered>();
  /** By likeness; those who have left are still in them until they come to the head. */
  private readonly lines = new Map<string, Numbered[]>();
  private next = 0;

  get size(): number {
    return this.places.size;
  }

  add(ask: PoolAsk): void {
    if (this.places.has(ask.id)) return;
    const place = { ask, number: this.next++ };
    this.places.set(ask.id, place);
    const likeness = [ask.priority, ask.project, ask.devices, ...ask.avoid].join('\n');
    const line = this.lines.get(likeness);
    if (line) line.push(place);
    else this.lines.set(likeness, [place]);
  }

  /** @returns whether it was waiting */
  remove(id: string): boolean {
    return this.places.delete(id);
  }

  /** The first of each line, with its number. */
  heads(): Numbered[] {
    const heads: Numbered[] = [];
    for (const [likeness, line] of this.lines) {
      let gone = 0;
      while (gone < line.length && this.places.get(line[gone]?.ask.id ?? '') !== line[gone]) gone += 1;
      if (gone > 0) line.splice(0, gone);
      const [head] = line;
      if (head) heads.push(head);
      else this.lines.delete(likeness);
    }
    return heads;
  }

  /** In the order of asking. */
  all(): PoolAsk[] {
    return [...this.places.values()].map(({ ask }) => ask);
  }
}
