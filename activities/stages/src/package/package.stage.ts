import { processEnvironment, readConfig } from '@vitrine/config';
import { artifactRefSchema, VitrineError, type ArtifactRef } from '@vitrine/contracts';
import { findPackaged } from '@vitrine/packages';
import { z } from 'zod';
import type { Stage } from '../stage-context.js';

const productSchema = z.strictObject({
  outputs: z.record(z.string(), artifactRefSchema),
  summary: z.record(z.string(), z.unknown()).default({}),
});

/** A stage of a package, under the context that our own have; the worker's package must be the one the run was planned with. */
export const packageStage: Stage<'package'> = async (context) => {
  const { params } = context;
  const { packages } = readConfig(processEnvironment());
  const found = await findPackaged(packages, 'stages', { uses: params.uses, where: 'params.uses' });
  if (found.sha256 !== params.resolved?.sha256)
    throw new VitrineError('CodeVersionMismatch', 'The run was planned for another version of a package.', {
      where: params.uses,
      expected: `package with sha256 ${params.resolved?.sha256}`,
      actual: found.sha256,
      hint: 'Install the version that the run was planned with on the workers of the pool.',
    });
  const product: unknown = await found.definition.run({ ...context, params: params.with });
  const parsed = productSchema.safeParse(product);
  if (parsed.success)
    return {
      outputs: parsed.data.outputs satisfies Record<string, ArtifactRef>,
      summary: parsed.data.summary,
    };
  throw new VitrineError('StageFailed', 'The stage of a package gave no product.', {
    where: params.uses,
    expected: 'outputs: artifacts by name, summary: figures by name',
    actual: z.prettifyError(parsed.error),
  });
};
