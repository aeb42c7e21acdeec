import { CancellationScope, sleep } from '@temporalio/workflow';
import { ERRORS } from '@vitrine/contracts/sandbox';
import { toFailure } from './fail.js';

/** Does the work, and gives it up when it takes longer than it may. */
export async function withinTotal<T>(seconds: number | undefined, work: () => Promise<T>): Promise<T> {
  if (seconds === undefined) return work();
  const scope = new CancellationScope();
  const clock = new CancellationScope();
  let expired = false;
  void clock
    .run(() => sleep(seconds * 1000))
    .then(
      () => {
        expired = true;
        scope.cancel();
      },
      () => undefined,
    );
  try {
    return await scope.run(work);
  } catch (thrown) {
    // A cancellation that came from elsewhere is one.
    if (!expired || CancellationScope.current().consideredCancelled) throw thrown;
    throw toFailure({
      code: 'TimedOut',
      message: 'The stage took longer than it may, all its waits and attempts included.',
      where: 'timeouts.totalSeconds',
      expected: `a result within ${seconds} s`,
      hint: ERRORS.TimedOut.hint,
    });
  } finally {
    clock.cancel();
  }
}
