import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const folder = fileURLToPath(new URL('../../testdata/histories/', import.meta.url));

export interface RecordedHistory {
  /** `<workflow>-v<shape>-<case>.json`. */
  readonly name: string;
  readonly history: unknown;
}

/** The recorded histories, one per released shape and case. */
export function recordedHistories(): RecordedHistory[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, history: JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as unknown }));
}

/** The history of a workflow as JSON, without stack traces: they name folders of the machine that recorded it. */
export async function fetchHistory(handle: WorkflowHandle): Promise<unknown> {
  const text = historyToJSON(await handle.fetchHistory());
  return JSON.parse(text, (key, value: unknown) => (key === 'stackTrace' ? undefined : value));
}

export function writeHistory({ name, history }: RecordedHistory): void {
  writeFileSync(`${folder}${name}`, `${JSON.stringify(history, null, 1)}\n`);
}
