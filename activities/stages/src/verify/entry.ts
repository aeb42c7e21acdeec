/** A program that recomputes the figures of a run: `verify-run.mjs JOB`, messages in JSON on stdout, one a line. It needs no backend. */
import { createS3Client, createS3Stores, type Stores } from '@vitrine/artifact-store';
import { builtCodePath, processEnvironment, readBuiltCode, readConfig } from '@vitrine/config';
import {
  toVitrineError,
  verificationJobSchema,
  VitrineError,
  type SealedRun,
  type VerificationJob,
  type VerificationMessage,
} from '@vitrine/contracts';
import { verifyRun } from './verify-run.js';

async function verify(
  { project, runId }: VerificationJob,
  tell: (message: VerificationMessage) => void,
): Promise<VerificationMessage> {
  try {
    const { s3, workspace } = readConfig(processEnvironment());
    const stores = createS3Stores({ client: createS3Client(s3), bucket: s3.bucket });
    const built = workspace === undefined ? undefined : readBuiltCode(builtCodePath(workspace));
    const run = await closedRun(stores, { project, runId });
    const answer = await verifyRun(run, {
      artifacts: stores.artifacts(project),
      requestOf: (other) => stores.runs.getRequest(project, other),
      builtCode: (kind) => built?.kinds[kind],
      onProgress: (progress) => tell({ progress }),
    });
    return { answer };
  } catch (error) {
    return { error: toVitrineError(error).toView() };
  }
}

/** @throws VitrineError NotFound while nothing is sealed that could be verified */
async function closedRun(
  { runs }: Pick<Stores, 'runs'>,
  { project, runId }: VerificationJob,
): Promise<SealedRun> {
  const sealed = await runs.getSealed(project, runId);
  if (sealed) return sealed;
  const begun = await runs.getRequest(project, runId);
  throw new VitrineError('NotFound', 'There is no closed run of this name.', {
    where: `run ${project}/${runId}`,
    expected: 'a run that has ended',
    actual: begun ? 'one that has not' : 'none',
    ...(begun && { hint: 'Wait for its end with `npx vitrine show RUN --follow`.' }),
  });
}

const write = (message: VerificationMessage): void =>
  void process.stdout.write(`${JSON.stringify(message)}\n`);

write(await verify(verificationJobSchema.parse(JSON.parse(process.argv[2] ?? '')), write));
