/** Figures of a comparison. Speeds are rates, so a ratio of 1.2 reads "1.2 times as fast". */
import type { Outcome } from './contest.js';
import { figure, quantile, spreadOf, type Figure } from './figure.js';

/** What is demanded: of the ratio, unless something else excuses it. */
export interface Bar {
  readonly says: string;
  readonly holds: (ratio: number) => boolean;
}

export const atLeast = (times: number): Bar => ({
  says: `at least ${times} times as fast`,
  holds: (ratio) => ratio >= times,
});

export const atMost = (share: number): Bar => ({
  says: `at most ${share} of PyTorch's`,
  holds: (ratio) => ratio <= share,
});

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

function compare(
  name: string,
  {
    values,
    peers,
    unit,
    bar,
  }: { values: readonly number[]; peers: readonly number[]; unit: string; bar?: Bar },
): Figure {
  const value = median(values);
  const peer = median(peers);
  const ratio = value / peer;
  return figure(name, value, {
    unit,
    peer,
    ratio,
    spread: spreadOf(values),
    ...(bar && { bar: bar.says, holds: bar.holds(ratio) }),
  });
}

/** Units of work a second: `work` units are done in the time that the outcome's seconds say. */
export function compareRates(
  name: string,
  [ours, peer]: readonly [Outcome, Outcome],
  { work, unit, bar }: { readonly work: number; readonly unit: string; readonly bar?: Bar },
): Figure {
  const rates = ({ seconds }: Outcome): number[] => seconds.map((each) => work / each);
  return compare(name, { values: rates(ours), peers: rates(peer), unit, ...(bar && { bar }) });
}

/** The same by processor time: fair on a machine that others use, when both sides have one thread. */
export function compareProcessorRates(
  name: string,
  [ours, peer]: readonly [Outcome, Outcome],
  { work, unit }: { readonly work: number; readonly unit: string },
): Figure {
  const rates = ({ processorSeconds }: Outcome): number[] => processorSeconds.map((each) => work / each);
  return compare(name, {
    values: rates(ours),
    peers: rates(peer),
    unit: unit.replace('/s', ' per processor second'),
  });
}

const MIB = 2 ** 20;

/** Peak memory of the two processes. */
export function compareMemory(name: string, [ours, peer]: readonly [Outcome, Outcome], bar?: Bar): Figure {
  if (ours.peakMemory === undefined || peer.peakMemory === undefined)
    return notMeasured(name, 'not measured: the driver does not tell whose memory it is');
  return compare(name, {
    values: [ours.peakMemory / MIB],
    peers: [peer.peakMemory / MIB],
    unit: 'MiB',
    ...(bar && { bar }),
  });
}

/** A figure that stands for one that was not measured, and says why. */
export const notMeasured = (name: string, why: string): Figure => figure(name, 0, { unit: why, spread: 0 });
