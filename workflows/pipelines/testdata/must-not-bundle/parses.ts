import { parsePipelineSpec } from '@vitrine/contracts';

export async function parses(document: unknown): Promise<string> {
  return parsePipelineSpec(document).name;
}
