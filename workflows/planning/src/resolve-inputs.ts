import type { ArtifactRef, StageJob, StageSpec } from '@vitrine/contracts';
import { referenceParts } from '@vitrine/contracts/sandbox';

/** Looks up an output of another stage. */
export type OutputLookup = (stage: string, output: string) => ArtifactRef;

/** The inputs of a stage with every reference replaced by the artifact it names. */
export function resolveInputs(stage: Pick<StageSpec, 'inputs'>, lookup: OutputLookup): StageJob['inputs'] {
  const resolve = (reference: string): ArtifactRef => {
    const { stage: source, output } = referenceParts(reference);
    return lookup(source, output);
  };
  return Object.fromEntries(
    Object.entries(stage.inputs).map(([port, value]) => [
      port,
      typeof value === 'string'
        ? resolve(value)
        : Object.fromEntries(Object.entries(value).map(([label, text]) => [label, resolve(text)])),
    ]),
  );
}
