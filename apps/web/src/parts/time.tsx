import { useSyncExternalStore, type ReactNode } from 'react';
import { ago, exactTime } from '../lib/format.js';

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the page: all relative times change together, once a second, while anything shows one. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

export function Ago({ at }: { readonly at: string }): ReactNode {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {ago(at, useNow())}
    </time>
  );
}
