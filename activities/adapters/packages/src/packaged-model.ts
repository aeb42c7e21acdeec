import { formatIssues, VitrineError, type PackagedArchitecture } from '@vitrine/contracts';
import type { z } from 'zod';
import { findPackaged, type PackagePlaces } from './installed.js';
import { architectureSchema } from './stage-package.js';

/** An architecture that a package brings, and the digest of the package. */
export interface FoundArchitecture {
  readonly sha256: string;
  readonly architecture: z.infer<typeof architectureSchema>;
}

/**
 * @param where the field that asks for it
 * @throws VitrineError InvalidSpec when no package brings it, InvalidConfig when what it gives is no architecture
 */
export async function findArchitecture(
  places: PackagePlaces,
  { uses, with: params }: Pick<PackagedArchitecture, 'uses' | 'with'>,
  where: string,
): Promise<FoundArchitecture> {
  const { sha256, definition } = await findPackaged(places, 'models', { uses, where });
  const given: unknown = await definition.architecture(params);
  const parsed = architectureSchema.safeParse(given);
  if (parsed.success) return { sha256, architecture: parsed.data };
  throw new VitrineError('InvalidConfig', 'A package gave no architecture.', {
    where: `model ${uses}`,
    expected: 'imageSize, channels, classes, weights: shapes by name, logits: a function',
    actual: formatIssues(parsed.error.issues, undefined),
    hint: 'Correct the package, or install another version of it.',
  });
}
