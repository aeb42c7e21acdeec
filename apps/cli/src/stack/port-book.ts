import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { choosePort, isPortFree, portsFileSchema, type PortName, type Ports } from './ports.js';
import { writeStateFile } from './state-file.js';

const NAMES = [
  's3',
  'temporal',
  'temporalUi',
  'temporalMetrics',
  'api',
  'worker',
  'prometheus',
  'grafana',
] as const satisfies readonly PortName[];

/** The ports of a state folder: remembered from start to start, chosen anew where somebody else listens by now. */
export class PortBook {
  private readonly path: string;
  private decided: Readonly<Record<PortName, number>> | undefined;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'ports.json');
  }

  /**
   * Decides every port once, before anything is started; they are kept for the next start.
   * @param named come before those that are remembered
   * @param wished come after them
   */
  async choose(named: Ports, wished: Ports = {}): Promise<Readonly<Record<PortName, number>>> {
    const remembered = this.remembered();
    const source = { isFree: isPortFree, random: () => randomInt(2 ** 32) / 2 ** 32 };
    const decided = Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<PortName, number>;
    for (const name of NAMES) {
      const taken = new Set(Object.values(decided));
      decided[name] = await choosePort([named[name], remembered[name], wished[name]], source, taken);
    }
    writeStateFile(this.path, { format: 1, ...decided });
    this.decided = decided;
    return decided;
  }

  /** @throws RangeError before `choose` */
  get chosen(): Readonly<Record<PortName, number>> {
    if (!this.decided) throw new RangeError('ports are chosen before they are asked for');
    return this.decided;
  }

  private remembered(): Ports {
    try {
      return portsFileSchema.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch {
      return {};
    }
  }
}
