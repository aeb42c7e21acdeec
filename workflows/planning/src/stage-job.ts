import type { ArtifactRef, RunRequest, StageJob, StageKind, StageStatus } from '@vitrine/contracts';
import { DEFAULT_PRIORITY } from '@vitrine/contracts/names';
import { referenceParts } from '@vitrine/contracts/sandbox';
import { resolveInputs } from './resolve-inputs.js';
import { resultShare } from './result-share.js';

/** What is known of the stages of a run: their outputs, once they have any. */
export type KnownOutputs = Readonly<Record<string, Pick<StageStatus, 'outputs'>>>;

/**
 * The work of one stage, its references replaced by what the stages before it made.
 * @throws RangeError when it is not in the plan, or a stage it needs gave no such output
 */
export function stageJob(request: RunRequest, stages: KnownOutputs, name: string): StageJob {
  const { project, runId, spec, seeds, options, allocated } = request;
  const stage = spec.stages[name];
  const seed = seeds[name];
  if (!stage || seed === undefined) throw new RangeError(`stage ${name}: not in the plan of run ${runId}`);
  const inputs = resolveInputs(stage, (source, output) => artifactOf(stages, `${source}.${output}`, name));
  const { kind, pool, params, resources, timeouts, failures } = stage;
  const where = { project, runId, stage: name, kind, pool };
  return {
    ...where,
    seed,
    params,
    inputs,
    resources,
    timeouts,
    failures,
    codeVersion: stageCodeVersion(request, kind),
    resultCharacters: resultShare(Object.keys(spec.stages).length),
    ...(options?.continues && { continues: options.continues }),
    ...(allocated?.includes(pool) && { priority: spec.priority ?? DEFAULT_PRIORITY }),
  };
}

/** Digest of the code that a stage of this kind is to run in this run. */
export function stageCodeVersion(
  { codeVersion, codeVersions }: Pick<RunRequest, 'codeVersion' | 'codeVersions'>,
  kind: StageKind,
): string {
  return codeVersions?.[kind] ?? codeVersion;
}

/**
 * What a reference such as `train.model` names.
 * @param wantedBy the stage that reads it
 * @throws RangeError when the stage gave no such output
 */
export function artifactOf(stages: KnownOutputs, reference: string, wantedBy: string): ArtifactRef {
  const { stage, output } = referenceParts(reference);
  const artifact = stages[stage]?.outputs?.[output];
  if (!artifact) throw new RangeError(`stage ${wantedBy}: ${stage} gave no output ${output}`);
  return artifact;
}
