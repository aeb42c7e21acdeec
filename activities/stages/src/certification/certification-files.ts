/** What certification leaves behind, made of its examples alone. */
import { formatCertificationLog, type LoggedExample } from '@vitrine/ml-smoothing';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { z } from 'zod';
import type { CertifiedExample } from './certifier.js';

/** Without the time that each example took, which is not the same twice; progress shows it. */
export function certificationLog(examples: readonly CertifiedExample[]): string {
  const further = columnsOf(examples)
    .filter(({ name }) => !['idx', 'label', 'predict', 'radius', 'correct'].includes(name))
    .map(({ name, data }) => [name, data.map((value) => (value === null ? '' : String(value)))] as const);
  return formatCertificationLog(examples, further);
}

/** The same table as Parquet. */
export function certificationTable(examples: readonly CertifiedExample[]): Uint8Array {
  const columnData = columnsOf(examples).map(({ name, type, data }): ColumnSource => ({
    name,
    type,
    data: [...data],
    nullable: true,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const tableRowSchema = z.object({
  idx: z.coerce.number(),
  label: z.coerce.number(),
  predict: z.coerce.number(),
  radius: z.number(),
  /** A truth value, or 0 and 1 as the text has them. */
  correct: z.union([z.boolean(), z.coerce.number().transform((value) => value === 1)]),
});

/** The rows of such a table, whoever wrote it; further columns are left alone. @throws Error when it is none */
export async function readCertificationTable(bytes: Uint8Array): Promise<LoggedExample[]> {
  // A copy in a buffer of its own: `slice` of a Buffer would be a view of whatever lies around it.
  const file = new Uint8Array(bytes).buffer;
  return z.array(tableRowSchema).parse(await parquetReadObjects({ file }));
}

interface Column {
  readonly name: string;
  readonly type: 'INT32' | 'DOUBLE' | 'BOOLEAN';
  readonly data: readonly (number | boolean | null)[];
}

function columnsOf(examples: readonly CertifiedExample[]): readonly Column[] {
  const column = (
    name: string,
    type: Column['type'],
    value: (example: CertifiedExample) => number | boolean | null | undefined,
  ): Column => ({ name, type, data: examples.map((example) => value(example) ?? null) });
  return [
    column('idx', 'INT32', ({ idx }) => idx),
    column('label', 'INT32', ({ label }) => label),
    column('predict', 'INT32', ({ predict }) => predict),
    column('radius', 'DOUBLE', ({ radius }) => radius),
    column('correct', 'BOOLEAN', ({ correct }) => correct),
    column('draws', 'INT32', ({ draws }) => draws),
    column('probability', 'DOUBLE', ({ probability }) => probability),
    column('renyi', 'DOUBLE', ({ renyi }) => renyi),
    column('linf', 'DOUBLE', ({ linf }) => linf),
    column('voted', 'INT32', ({ voted }) => voted),
    column('pValue', 'DOUBLE', ({ pValue }) => pValue),
    column('attentionRadius', 'DOUBLE', ({ attention }) => attention?.radius),
    column('faithfulRadius', 'DOUBLE', ({ attention }) => attention?.faithful),
    column('faithfulLinf', 'DOUBLE', ({ attention }) => attention?.faithfulLinf),
  ];
}
