import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, processIdentitySchema, type ProcessIdentity } from '@vitrine/config';
import { z } from 'zod';
import { endProcess } from './end-process.js';
import { writeStateFile } from './state-file.js';

export const PART_NAMES = ['s3', 'temporal', 'api', 'worker', 'prometheus', 'grafana'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Who is stopped before whom: a worker stores its checkpoints through all the others. */
export const STOP_ORDER: readonly PartName[] = ['worker', 'api', 'grafana', 'prometheus', 'temporal', 's3'];

/** Seconds between asking a process to end and killing it. */
export const GRACE_SECONDS: Readonly<Record<PartName, number>> = {
  worker: 90,
  api: 10,
  temporal: 20,
  s3: 10,
  prometheus: 20,
  grafana: 10,
};

const entrySchema = processIdentitySchema.extend({ name: z.enum(PART_NAMES) });
const processesFileSchema = z.strictObject({ format: z.literal(1), processes: z.array(entrySchema) });
export type ProcessEntry = z.infer<typeof entrySchema>;

/**
 * `processes.json`: every process that was started and has not been seen to end, noted down before anything else is done with
 * it, so that a supervisor that is killed leaves nothing behind that the next one cannot find.
 */
export class ProcessList {
  private readonly path: string;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'processes.json');
  }

  add(name: PartName, identity: ProcessIdentity): void {
    this.write([...this.entries(), { name, ...identity }]);
  }

  remove(pid: number): void {
    this.write(this.entries().filter((entry) => entry.pid !== pid));
  }

  /** Those that are alive, in the order in which they are to be stopped. */
  alive(): ProcessEntry[] {
    const found = this.entries().filter((entry) => isRunning(entry));
    return found.toSorted((a, b) => STOP_ORDER.indexOf(a.name) - STOP_ORDER.indexOf(b.name));
  }

  private entries(): ProcessEntry[] {
    try {
      return processesFileSchema.parse(JSON.parse(readFileSync(this.path, 'utf8'))).processes;
    } catch {
      return [];
    }
  }

  private write(processes: readonly ProcessEntry[]): void {
    writeStateFile(this.path, { format: 1, processes });
  }
}

/** Ends, in order, what a supervisor that is gone has left running; returns what was found. */
export async function endLeftovers(
  list: ProcessList,
  tell: (entry: ProcessEntry) => void = () => undefined,
): Promise<ProcessEntry[]> {
  const found = list.alive();
  for (const entry of found) {
    tell(entry);
    await endProcess(entry, { graceSeconds: GRACE_SECONDS[entry.name] });
    list.remove(entry.pid);
  }
  return found;
}
