const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupts {
  /** Aborted by the first Ctrl-C, or when the process is asked to end or its terminal is closed. */
  readonly signal: AbortSignal;
  /** Aborted by the second one: whoever asks twice does not want to wait. */
  readonly force: AbortSignal;
  /** From now on signals have their usual effect again. */
  release(): void;
}

/** Takes over the signals that end a process, so that it can clean up first. */
export function takeInterrupts(): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (): void => (first.signal.aborted ? second : first).abort();
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: first.signal,
    force: second.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
