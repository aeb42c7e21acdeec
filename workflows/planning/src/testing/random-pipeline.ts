import { parsePipelineSpec, type PipelineSpec } from '@vitrine/contracts';
import fc from 'fast-check';

/** Pipelines of no-op stages whose needs form any acyclic graph, written down in any order. */
export const randomPipeline: fc.Arbitrary<PipelineSpec> = fc
  .uniqueArray(fc.stringMatching(/^[a-z0-9]{1,4}$/), { minLength: 1, maxLength: 12 })
  .chain((names) =>
    fc.tuple(
      fc.constant(names),
      fc.tuple(...names.map((_, index) => fc.subarray(names.slice(0, index)))),
      fc.shuffledSubarray(names, { minLength: names.length }),
    ),
  )
  .map(([names, needed, written]) => {
    const stage = (name: string): unknown => {
      const after = (needed[names.indexOf(name)] ?? []).map((need) => [need, `${need}.done`]);
      return { kind: 'noop', inputs: { after: Object.fromEntries(after) } };
    };
    const stages = Object.fromEntries(written.map((name) => [name, stage(name)]));
    return parsePipelineSpec({ version: 1, name: 'random', stages });
  });
