import type { ArtifactStore } from '@vitrine/artifact-store';
import { ELEMENTS_PAGE, type ArtifactRef } from '@vitrine/contracts';
import { z } from 'zod';

/** Cuts a list into pieces that can be read one by one. */
export function pagesOf<T>(entries: readonly T[]): T[][] {
  const pages: T[][] = [];
  let characters = Infinity;
  for (const entry of entries) {
    const page = pages.at(-1);
    const length = JSON.stringify(entry).length;
    if (page && page.length < ELEMENTS_PAGE.elements && characters + length <= ELEMENTS_PAGE.characters) {
      page.push(entry);
      characters += length;
    } else {
      pages.push([entry]);
      characters = length;
    }
  }
  return pages;
}

export async function readPage<T>(
  artifacts: ArtifactStore,
  ref: ArtifactRef,
  schema: z.ZodType<T>,
): Promise<T[]> {
  const decoded: unknown = JSON.parse(Buffer.from(await artifacts.get(ref)).toString('utf8'));
  return z.array(schema).parse(decoded);
}
