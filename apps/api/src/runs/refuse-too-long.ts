import { VitrineError, type PipelineSpec } from '@vitrine/contracts';

/** A workflow is started with its whole description, in one payload of at most two MiB, and this leaves room for what is put around it. */
const MOST_REQUEST_BYTES = 1_900_000;

/** A sweep goes on in new histories, each of which is given besides what the sweep has come to. */
export const MOST_SWEEP_BYTES = 1_400_000;

interface Bound {
  /** The field that holds the stages. */
  readonly where: string;
  readonly most?: number;
}

/** @throws VitrineError InvalidSpec naming the stage that is described at the greatest length */
export function refuseTooLong(
  request: unknown,
  { stages }: PipelineSpec,
  { where, most = MOST_REQUEST_BYTES }: Bound,
): void {
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes <= most) return;
  const lengths = Object.entries(stages).map(
    ([name, stage]) => [Buffer.byteLength(JSON.stringify(stage)), name] as const,
  );
  const [[longest, name] = [0, '']] = lengths.toSorted(([one], [other]) => other - one);
  throw new VitrineError('InvalidSpec', 'The pipeline is too long.', {
    where: `${where}.${name}`,
    expected: `at most ${most} bytes of JSON, defaults included`,
    actual: `${bytes} bytes in all, ${longest} of them in this stage`,
    hint: 'Make stages that are alike many by forEach, and give long lists as artifacts.',
  });
}
