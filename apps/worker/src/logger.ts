import { DefaultLogger, type LogEntry } from '@temporalio/worker';

/** Lets whoever holds it complete the activity; it does not belong into a file. */
const NEVER_LOGGED = 'taskToken';

/**
 * Writes one JSON document per line: time, level, message and whatever fields come with it.
 * @param write takes a line with its end
 */
export function createLogger(write: (line: string) => void): DefaultLogger {
  return new DefaultLogger('INFO', (entry) => write(`${JSON.stringify(document(entry))}\n`));
}

function document({ level, message, timestampNanos, meta }: LogEntry): Record<string, unknown> {
  const fields = Object.entries(meta ?? {}).filter(
    ([name, value]) => name !== NEVER_LOGGED && typeof name === 'string' && value !== undefined,
  );
  return {
    at: new Date(Number(timestampNanos / 1_000_000n)).toISOString(),
    level: level.toLowerCase(),
    message,
    ...Object.fromEntries(fields.map(([name, value]) => [name, plain(value)])),
  };
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'bigint' ? String(value) : value;
}
