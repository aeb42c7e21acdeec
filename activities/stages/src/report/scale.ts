/** Maps a value of the data to a coordinate of the drawing. */
export interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

export interface ScaleOptions {
  readonly from: number;
  readonly to: number;
  /** Coordinates of `from` and `to` after rounding outwards. */
  readonly range: readonly [number, number];
  /** About so many ticks. */
  readonly ticks: number;
  /** Whether values between whole numbers mean nothing: then ticks are whole. */
  readonly whole?: boolean;
}

/** Linear, with ends and ticks at round numbers. */
export function linearScale({ from, to, range, ticks, whole }: ScaleOptions): Scale {
  const span = spanOf(from, to);
  const wanted = whole ? Math.max(1, span / ticks) : span / ticks;
  const step = whole && wanted > 2 && wanted <= 2.5 ? 5 : roundStep(wanted);
  const low = Math.floor(from / step + 1e-9) * step;
  const high = Math.max(low + step, Math.ceil(to / step - 1e-9) * step);
  const count = Math.round((high - low) / step);
  return {
    ticks: Array.from({ length: count + 1 }, (_, i) => tidy(low + i * step)),
    at: (value) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]),
  };
}

/** Data whose difference doubles hardly resolve are data of one value; where that is 0, any span will do. */
function spanOf(from: number, to: number): number {
  const size = Math.max(Math.abs(from), Math.abs(to));
  if (to - from > Math.max(RESOLVED * size, TINY)) return to - from;
  return size > TINY ? size : 1;
}

const RESOLVED = 1e-8;
const TINY = 1e-300;

/** Logarithmic between whole powers of ten; values must be positive. */
export function logScale({ from, to, range, ticks }: ScaleOptions): Scale {
  const low = Math.floor(Math.log10(from) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(to) - 1e-9));
  const every = Math.ceil((high - low) / ticks);
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return {
    ticks: powers.filter((power) => (power - low) % every === 0).map((power) => tidy(10 ** power)),
    at: (value) => range[0] + ((Math.log10(value) - low) / (high - low)) * (range[1] - range[0]),
  };
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is not below the wanted step. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= wanted * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Without the last digits that come from adding steps. */
const tidy = (value: number): number => Number(value.toPrecision(12));
