import {
  CHUNK_OUTPUT,
  type ArtifactRef,
  type Chunk,
  type ChunkPlan,
  type Part,
  type StageKind,
} from '@vitrine/contracts';
import { readList } from './elements/lists.js';
import type { StageContext, StageProduct } from './stage-context.js';

/**
 * A stage whose work can be cut into chunks of one size, which a parameter says, and never the number of workers. Each chunk is computed
 * on any worker of the pool, found and kept by itself; they are merged in their order. What a chunk gives must be a function
 * of the parameters, the inputs, the seed and the chunk: whoever draws random numbers keys them by example. `plan` and
 * `merge` have no device.
 */
export interface ShardedStage<K extends StageKind> {
  /** How many there are of what is cut, and how many a chunk has. */
  plan(context: StageContext<K>): Promise<ChunkPlan>;
  /** May store checkpoints, as a stage does. */
  chunk(context: StageContext<K>, chunk: Chunk): Promise<ArtifactRef>;
  merge(context: StageContext<K>, chunks: readonly ArtifactRef[]): Promise<StageProduct<K>>;
}

/** One part of the work; what it gives is no product of the kind but for the merge. */
export async function runPart<K extends StageKind>(
  stage: ShardedStage<K>,
  context: StageContext<K>,
  part: Part,
): Promise<StageProduct<K>> {
  switch (part.step) {
    case 'plan':
      return product({}, { ...(await stage.plan(context)) });
    case 'chunk':
      return product({ [CHUNK_OUTPUT]: await stage.chunk(context, part) }, {});
    case 'merge': {
      const { elements } = await readList(context.artifacts, part.chunks);
      return stage.merge(
        context,
        elements.map(({ artifact }) => artifact),
      );
    }
  }
}

/** What a part gives is checked by its step, and not against the kind. */
function product<K extends StageKind>(
  outputs: Readonly<Record<string, ArtifactRef>>,
  summary: Readonly<Record<string, unknown>>,
): StageProduct<K> {
  return { outputs, summary } as unknown as StageProduct<K>;
}
