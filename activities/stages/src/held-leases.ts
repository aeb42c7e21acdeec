import { VitrineError } from '@vitrine/contracts';

export interface HeldLease {
  /** Aborted with Preempted when the pool wants the devices back. */
  readonly signal: AbortSignal;
  /** The stage's work up to now is durable. */
  safe(at: Date): void;
  release(): void;
}

interface Holding {
  readonly stop: AbortController;
  readonly where: string;
  safeAt: number;
}

/** Leases of a pool under which this worker runs stages. A stage without one is left alone. */
export class HeldLeases {
  private readonly held = new Map<string, Holding>();

  hold(id: string | undefined, where: string): HeldLease {
    const holding: Holding = { stop: new AbortController(), where, safeAt: 0 };
    if (id !== undefined) this.held.set(id, holding);
    return {
      signal: holding.stop.signal,
      safe: (at) => void (holding.safeAt = at.getTime()),
      release: () => {
        if (id !== undefined) this.held.delete(id);
      },
    };
  }

  /** When what is done under each was last durable, in milliseconds; 0 for never. */
  safeTimes(): Record<string, number> {
    return Object.fromEntries([...this.held].map(([id, { safeAt }]) => [id, safeAt]));
  }

  /** Has the stages stopped that run under these leases; they go on from their checkpoints when they get devices again. */
  giveUp(ids: readonly string[]): void {
    for (const id of ids) {
      const { stop, where } = this.held.get(id) ?? {};
      if (!stop || stop.signal.aborted) continue;
      stop.abort(
        new VitrineError('Preempted', 'The pool wants the devices of the stage back.', {
          where: where ?? '',
        }),
      );
    }
  }
}
