/** What certification leaves behind, made of its examples alone. */
import type { certificationSchema } from '@vitrine/contracts';
import { formatCertificationLog } from '@vitrine/ml-smoothing';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { z } from 'zod';
import type { CertifiedExample } from './certifier.js';

export type Certification = z.infer<typeof certificationSchema>;

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
    column('voted', 'INT32', ({ voted }) => voted),
    column('pValue', 'DOUBLE', ({ pValue }) => pValue),
    column('attentionRadius', 'DOUBLE', ({ attention }) => attention?.radius),
    column('faithfulRadius', 'DOUBLE', ({ attention }) => attention?.faithful),
    column('plainOverlap', 'DOUBLE', ({ stability }) => stability?.plain),
    column('smoothedOverlap', 'DOUBLE', ({ stability }) => stability?.smoothed),
  ];
}
