import { parseCertificationLog } from '@vitrine/ml-smoothing';
import { describe, expect, it } from 'vitest';
import golden from './certificates.golden.json' with { type: 'json' };
import { certificationLog, certificationTable, readCertificationTable } from './certification-files.js';
import type { CertifiedExample } from './certifier.js';

const region = (radius: number | null, faithful: number): CertifiedExample['attention'] => ({
  ...{ top: [3, 0], radius, faithful, faithfulLinf: faithful / Math.sqrt(3072) },
  estimates: { renyi: 0.1, lipschitz: null },
});

/** An abstention, a claim that nothing breaks, numbers whose shortest decimals are long, rows that say less than others. */
const EXAMPLES: readonly CertifiedExample[] = [
  {
    idx: 0,
    label: 3,
    predict: -1,
    radius: 0,
    correct: false,
    draws: 120,
    probability: 0,
    renyi: 0,
    voted: -1,
    pValue: 1,
  },
  {
    idx: 20,
    label: 8,
    predict: 8,
    radius: 0.1 + 0.2,
    correct: true,
    draws: 1100,
    probability: 0.9931160484209338,
    renyi: 1 / 3,
    voted: 8,
    pValue: 5e-324,
    attention: region(0.25, 0.25),
  },
  { idx: 40, label: 9, predict: 1, radius: 0.952875, correct: false, attention: region(null, 0.952875) },
  { idx: 49_999, label: 999, predict: 999, radius: Number.MIN_VALUE, correct: true },
];

const [HEAD = '', ...LINES] = certificationLog(EXAMPLES).replace(/\n$/, '').split('\n');

describe('the table of certificates as Parquet', () => {
  it('is the one that PyArrow and DuckDB have read', async () => {
    const table = Buffer.from(certificationTable(EXAMPLES)).toString('base64');
    await expect(`${table}\n`).toMatchFileSnapshot('./certificates.golden.txt');
  });

  it('is to them, column by column and row by row, what the tab-separated one says', () => {
    expect(Object.keys(golden.columns)).toEqual(HEAD.split('\t'));
    const cell = (value: unknown): string =>
      typeof value === 'boolean' ? String(Number(value)) : String(value ?? '');
    expect(golden.rows.map((row) => Object.values(row).map(cell))).toEqual(
      LINES.map((line) => line.split('\t').map((text) => (text === '' ? '' : String(Number(text))))),
    );
    expect(golden.columns).toMatchObject({
      idx: 'INTEGER',
      radius: 'DOUBLE',
      correct: 'BOOLEAN',
      draws: 'INTEGER',
    });
  });

  it('is read as PyArrow writes it: compressed, with dictionaries, in groups of rows, with wide integers', async () => {
    const theirs = await readCertificationTable(Buffer.from(golden.theirs, 'base64'));
    expect(theirs).toEqual(parseCertificationLog([HEAD, ...LINES].join('\n')));
  });
});
