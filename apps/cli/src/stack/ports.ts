import { createServer } from 'node:net';
import { VitrineError } from '@vitrine/contracts';
import { z } from 'zod';

/**
 * Below the range that Linux gives to outgoing connections: a client that keeps trying to reach a server which is down
 * could be given the server's own port there, and would then be connected to itself.
 */
const RANGE = { first: 15_000, last: 31_999 } as const;
const TRIES = 200;

const port = z.int().min(1).max(65_535);

/** `ports.json`: where the servers of this state folder listen, so that a second start finds them where they were. */
export const portsFileSchema = z.strictObject({
  format: z.literal(1),
  s3: port.optional(),
  temporal: port.optional(),
  temporalUi: port.optional(),
  api: port.optional(),
  worker: port.optional(),
  temporalMetrics: port.optional(),
  prometheus: port.optional(),
  grafana: port.optional(),
});

export type PortName = Exclude<keyof z.infer<typeof portsFileSchema>, 'format'>;
export type Ports = Readonly<Partial<Record<PortName, number>>>;

interface PortSource {
  isFree(port: number): Promise<boolean>;
  /** In [0, 1). */
  random(): number;
}

/**
 * The wished port if nobody listens there, else any free one.
 * @throws VitrineError InvalidConfig when the machine has none
 */
export async function choosePort(
  wished: readonly (number | undefined)[],
  source: PortSource,
  taken: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (const candidate of wished) {
    if (candidate && !taken.has(candidate) && (await source.isFree(candidate))) return candidate;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const candidate = RANGE.first + Math.floor(source.random() * (RANGE.last - RANGE.first + 1));
    if (!taken.has(candidate) && (await source.isFree(candidate))) return candidate;
  }
  throw new VitrineError('InvalidConfig', 'No free port was found for a server of the stack.', {
    where: 'loopback interface',
    expected: `a free port from ${RANGE.first} to ${RANGE.last}`,
    actual: `${TRIES} taken ones`,
    hint: 'End programs that listen on many ports, then start again.',
  });
}

/** Whether this process could listen there. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
