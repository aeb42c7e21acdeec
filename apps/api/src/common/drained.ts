import { once } from 'node:events';
import type { Response } from './http.js';

/** Waits until there is room again, or nobody to send to. Leaves no listener behind: an answer may be waited for very often. */
export async function drained(response: Response): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    settled.abort();
  }
}
