import { VitrineError } from '@vitrine/contracts';

export interface DeviceLease {
  /** Indices of the devices held. */
  readonly devices: readonly number[];
  release(): void;
}

interface Waiting {
  readonly count: number;
  grant(lease: DeviceLease): void;
}

/** The devices of a pool on this worker. A stage gets all it asks for at once, in the order of asking, so nobody starves. */
export class DevicePool {
  private readonly free: number[];
  private readonly queue: Waiting[] = [];

  constructor(private readonly size: number) {
    this.free = Array.from({ length: size }, (_, index) => index);
  }

  get busy(): number {
    return this.size - this.free.length;
  }

  /**
   * @throws VitrineError InvalidSpec when there are never so many; the signal's reason when it is aborted meanwhile
   */
  async acquire(count: number, signal: AbortSignal): Promise<DeviceLease> {
    signal.throwIfAborted();
    if (count > this.size)
      throw new VitrineError('InvalidSpec', 'The stage wants more devices than a worker of its pool has.', {
        where: 'resources.devices',
        expected: `at most ${this.size}`,
        actual: String(count),
      });
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        count,
        grant: (lease) => {
          signal.removeEventListener('abort', giveUp);
          resolve(lease);
        },
      };
      const giveUp = (): void => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        reject(signal.reason);
        this.serve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.queue.push(waiting);
      this.serve();
    });
  }

  private serve(): void {
    for (let next = this.queue[0]; next && next.count <= this.free.length; next = this.queue[0]) {
      this.queue.shift();
      const devices = this.free.sort((a, b) => a - b).splice(0, next.count);
      next.grant({ devices, release: once(() => this.giveBack(devices)) });
    }
  }

  private giveBack(devices: readonly number[]): void {
    this.free.push(...devices);
    this.serve();
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
