import type { ElementsView } from '@vitrine/contracts';
import { ERRORS, type ErrorView } from '@vitrine/contracts/sandbox';

/** A stage says of its failing elements as much as a person reads; the record has them all. */
const NAMED = 5;

export function failedError(
  { total = 0, failed, succeeded, failures }: ElementsView,
  { least, lost, stage }: { readonly least: number; readonly lost: number; readonly stage: string },
): ErrorView {
  const named = failures.slice(0, NAMED).map(({ index, item, error }) => {
    const where = error.where === undefined ? '' : ` (${error.where})`;
    return `element ${index}, ${item}: ${error.code}: ${error.message}${where}`;
  });
  const more = failed > named.length ? [`and ${failed - named.length} more`] : [];
  const without = lost > 0 ? [`${lost} had no input, since a stage before failed for them`] : [];
  return {
    code: 'ElementsFailed',
    message: `${failed} of ${total} elements failed.`,
    where: `stage ${stage}`,
    expected: `at least ${least} that succeed`,
    actual: [`${succeeded} succeeded`, ...without, ...named, ...more].join('\n'),
    hint: ERRORS.ElementsFailed.hint,
  };
}

export function cancelledError(): ErrorView {
  return { code: 'Cancelled', message: 'The stage was cancelled.', hint: ERRORS.Cancelled.hint };
}

/** Other numerics give other bytes, so the whole would depend on who computed which chunk. */
export function mixedError(stage: string): ErrorView {
  return {
    code: 'NumericsMismatch',
    message: 'The chunks of a stage were computed under different numerics.',
    where: `stage ${stage}`,
    expected: 'workers of the pool that compute alike',
    actual: 'several builds, devices, precisions or numbers of threads',
    hint: 'Give unlike machines pools of their own, and run the stage again.',
  };
}
