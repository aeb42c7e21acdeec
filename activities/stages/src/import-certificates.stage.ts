import { certificationSchema, VitrineError, type certifiedExampleSchema } from '@vitrine/contracts';
import { CertificationLogError, certifiedAccuracyCurve, parseCertificationLog } from '@vitrine/ml-smoothing';
import { readCertificationTable } from './certification/certification-files.js';
import { importedSummary } from './certification/imported-summary.js';
import { readImported } from './import-source.js';
import type { Stage } from './stage-context.js';

/** The first bytes of a Parquet file. */
const PARQUET = 'PAR1';

/** The curve and the summary of certificates that lie in a table, whoever computed them. */
export const importCertificatesStage: Stage<'import-certificates'> = async (context) => {
  const { bytes, source, sha256 } = await readImported(context, {
    what: 'certificates',
    file: 'a tab-separated or Parquet table',
    ports: ['certificates', 'table'],
  });
  const examples = await read(bytes, source);
  const { sigma } = context.params;
  const certification = certificationSchema.parse({
    origin: { kind: 'imported', source, sourceSha256: sha256 },
    ...(sigma !== undefined && { sigma }),
    examples,
    curve: certifiedAccuracyCurve(examples).map(([radius, accuracy]) => ({ radius, accuracy })),
  });
  const text = new TextEncoder().encode(JSON.stringify(certification));
  return {
    outputs: { certification: await context.artifacts.put('certification', text) },
    summary: { ...importedSummary(examples), sourceSha256: sha256 },
  };
};

type Example = Pick<
  ReturnType<typeof certifiedExampleSchema.parse>,
  'idx' | 'label' | 'predict' | 'radius' | 'correct'
>;

async function read(bytes: Uint8Array, source: string): Promise<readonly Example[]> {
  const refused = (expected: string, actual: string, cause?: unknown): VitrineError =>
    new VitrineError('ArtifactCorrupt', 'The table of certificates cannot be read.', {
      where: source,
      expected,
      actual,
      hint: 'Give the columns idx, label, predict, radius and correct, as locuslab/smoothing and the stage certify write them.',
      cause,
    });
  const parquet = Buffer.from(bytes.subarray(0, PARQUET.length)).toString('latin1') === PARQUET;
  try {
    const examples = parquet
      ? await readCertificationTable(bytes)
      : parseCertificationLog(new TextDecoder().decode(bytes));
    if (examples.length > 0) return examples;
  } catch (cause) {
    if (cause instanceof CertificationLogError)
      throw refused(`${cause.expected} in line ${cause.line}`, cause.actual, cause);
    throw refused('a table of certificates', cause instanceof Error ? cause.message : String(cause), cause);
  }
  throw refused('at least one example', 'none');
}
