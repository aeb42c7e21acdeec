import { statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { MetricSink } from '@vitrine/metrics';
import { memoryOf, readGpus, type Gpu } from './machine.js';
import type { Backlog } from './pool-workers.js';

export interface MachineWatchOptions {
  readonly metrics: MetricSink;
  /** Whose disks are watched, by what they are called. */
  readonly folders: Readonly<Record<'state' | 'cache', string>>;
  readonly pools: readonly string[];
  /** What CUDA calls the GPUs of each pool. */
  readonly gpus: ReadonlyMap<string, readonly string[]>;
  readonly backlog: (pool: string) => Promise<Backlog>;
}

const LOOK_MILLISECONDS = 5_000;

/** Looks at what nobody tells: the machine, its GPUs and disks, and how much waits for its pools. */
export function watchMachine(options: MachineWatchOptions): { stop(): void } {
  const { metrics, folders, pools, gpus, backlog } = options;
  let ticks = busyTicks();
  let hasGpus = true;
  const look = async (): Promise<void> => {
    const before = ticks;
    ticks = busyTicks();
    const total = ticks.total - before.total;
    if (total > 0)
      metrics.set({ name: 'vitrine_host_cpu_ratio', labels: {} }, (ticks.busy - before.busy) / total);
    const memory = memoryOf();
    metrics.set({ name: 'vitrine_host_memory_used_bytes', labels: {} }, memory.total - memory.available);
    metrics.set({ name: 'vitrine_host_memory_bytes', labels: {} }, memory.total);
    for (const [folder, path] of Object.entries(folders)) {
      const disk = await statfs(path).catch(() => undefined);
      if (!disk) continue;
      metrics.set({ name: 'vitrine_disk_free_bytes', labels: { folder } }, disk.bavail * disk.bsize);
      metrics.set({ name: 'vitrine_disk_bytes', labels: { folder } }, disk.blocks * disk.bsize);
    }
    for (const pool of pools) {
      // A server that is away is told of by others; what is known of the queue then is nothing.
      const waiting = await backlog(pool).catch(() => undefined);
      if (!waiting) continue;
      metrics.set({ name: 'vitrine_pool_backlog', labels: { pool } }, waiting.stages);
      metrics.set({ name: 'vitrine_pool_backlog_age_seconds', labels: { pool } }, waiting.ageSeconds);
    }
    if (!hasGpus) return;
    const found = await readGpus();
    hasGpus = found.length > 0;
    for (const gpu of found) tellGpu(metrics, gpu);
  };
  for (const [pool, uuids] of gpus)
    for (const uuid of uuids) metrics.set({ name: 'vitrine_gpu_pool_info', labels: { uuid, pool } }, 1);
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MILLISECONDS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function tellGpu(metrics: MetricSink, gpu: Gpu): void {
  const labels = { uuid: gpu.uuid };
  metrics.set({ name: 'vitrine_gpu_memory_bytes', labels }, gpu.memoryBytes);
  metrics.set({ name: 'vitrine_gpu_memory_used_bytes', labels }, gpu.memoryUsedBytes);
  if (gpu.utilization !== undefined)
    metrics.set({ name: 'vitrine_gpu_utilization_ratio', labels }, gpu.utilization);
  if (gpu.celsius !== undefined)
    metrics.set({ name: 'vitrine_gpu_temperature_celsius', labels }, gpu.celsius);
  if (gpu.watts !== undefined) metrics.set({ name: 'vitrine_gpu_power_watts', labels }, gpu.watts);
}

function busyTicks(): { busy: number; total: number } {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    total += sum;
    busy += sum - times.idle;
  }
  return { busy, total };
}
