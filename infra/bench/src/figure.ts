/** One measured figure, printed as one JSON line. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with in the same run, and value / peer; null where there is none. */
  readonly peer: number | null;
  readonly ratio: number | null;
  /** Half the distance between the 10th and the 90th percentile, in the unit. */
  readonly spread: number;
  /** What is demanded, in words; null where nothing is. */
  readonly bar: string | null;
  readonly holds: boolean | null;
}

export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export function spreadOf(samples: readonly number[]): number {
  return (quantile(samples, 0.9) - quantile(samples, 0.1)) / 2;
}

export function figure(
  name: string,
  value: number,
  rest: Pick<Figure, 'unit' | 'spread'> & Partial<Figure>,
): Figure {
  // In the order in which the line is read.
  const { unit, peer = null, ratio = null, spread, bar = null, holds = null } = rest;
  return { name, value, unit, peer, ratio, spread, bar, holds };
}

export const figureLine = (line: Figure): string => `${JSON.stringify(line)}\n`;

/** The figures of a file of such lines; the last one may have been cut off when a machine went down. */
export function readFigures(text: string): Figure[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Figure);
}

export function printFigure(line: Figure, json: boolean): void {
  if (json) {
    process.stdout.write(figureLine(line));
    return;
  }
  const verdict =
    line.holds === null ? '' : line.holds ? `  holds: ${line.bar}` : `  FALLS SHORT: ${line.bar}`;
  const beside =
    line.peer === null ? '' : ` (${line.ratio?.toFixed(2)} of ${line.peer.toPrecision(4)} beside it)`;
  process.stdout.write(
    `${line.name.padEnd(48)} ${line.value.toPrecision(4).padStart(10)} ${line.unit} ± ${line.spread.toPrecision(2)}${beside}${verdict}\n`,
  );
}
