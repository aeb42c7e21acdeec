/** Runs work that comes in pieces to its end; `onStep` after every piece. */
export async function stepwise<S, T>(
  work: Generator<S, T, void>,
  onStep: (step: S) => Promise<void>,
): Promise<T> {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    await onStep(next.value);
  }
}
