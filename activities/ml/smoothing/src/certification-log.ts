/** The table of locuslab/smoothing: one line an example, tab-separated, under the names that its analysis reads. */
import type { CertifiedExample } from './certified-accuracy.js';

export interface LoggedExample extends CertifiedExample {
  /** Number of the image within its data set. */
  readonly idx: number;
  readonly label: number;
  /** −1 for an abstention. */
  readonly predict: number;
}

/** A log that is none. */
export class CertificationLogError extends Error {
  override readonly name = 'CertificationLogError';

  constructor(
    readonly line: number,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`certification log, line ${line}: expected ${expected}, got ${actual}`);
  }
}

const NEEDED = ['idx', 'label', 'predict', 'radius', 'correct'] as const;

/** Columns as named in the first row, in any order; further columns are left alone. @throws CertificationLogError */
export function parseCertificationLog(text: string): LoggedExample[] {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = header.split('\t');
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new CertificationLogError(1, `columns ${NEEDED.join(', ')}`, `none named ${missing.join(', ')}`);
  return lines.map((line, i) => {
    const cells = line.split('\t');
    const value = (name: (typeof NEEDED)[number]): number => {
      const cell = cells[names.indexOf(name)] ?? '';
      const number = cell.trim() === '' ? NaN : Number(cell);
      if (Number.isFinite(number)) return number;
      throw new CertificationLogError(i + 2, `a number in column ${name}`, JSON.stringify(cell));
    };
    return {
      idx: value('idx'),
      label: value('label'),
      predict: value('predict'),
      radius: value('radius'),
      correct: value('correct') === 1,
    };
  });
}

/**
 * @param further more columns, behind those of the format: a name, and a cell for each example
 */
export function formatCertificationLog(
  examples: readonly LoggedExample[],
  further: readonly (readonly [name: string, cells: readonly string[]])[] = [],
): string {
  const header = [...NEEDED, ...further.map(([name]) => name)].join('\t');
  const lines = examples.map(({ idx, label, predict, radius, correct }, i) =>
    [idx, label, predict, radius, correct ? 1 : 0, ...further.map(([, cells]) => cells[i] ?? '')].join('\t'),
  );
  return [header, ...lines, ''].join('\n');
}
