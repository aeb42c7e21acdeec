import {
  stageDefinition,
  VitrineError,
  type NumericsProfile,
  type Part,
  type StageKind,
} from '@vitrine/contracts';
import { runPart, type ShardedStage } from './sharded-stage.js';
import type { Stage } from './stage-context.js';

export interface StageRunner<K extends StageKind> {
  /** Whether it computes on the device: then the native backend is started first, which takes seconds. */
  readonly computes: boolean;
  /** Loads the code of this kind and of no other: a no-op has no use for a tensor library. */
  readonly load: () => Promise<Stage<K>>;
  /** Of a kind in `SHARD_SIZE`. */
  readonly loadSharded?: () => Promise<ShardedStage<K>>;
}

/** What runs for each kind. A kind without an implementation does not compile. Imports stay inside `load`. */
export const STAGE_RUNNERS: { readonly [K in StageKind]: StageRunner<K> } = {
  train: {
    computes: true,
    load: async () => withOurErrors((await import('./train.stage.js')).trainStage),
  },
  'import-model': {
    computes: false,
    load: async () => withOurErrors((await import('./import-model.stage.js')).importModelStage),
  },
  'nullspace-noise': {
    computes: true,
    load: async () => withOurErrors((await import('./nullspace-noise.stage.js')).nullspaceNoiseStage),
    loadSharded: async () => (await import('./nullspace-noise.stage.js')).shardedNoises,
  },
  'noise-influence': {
    computes: true,
    load: async () => withOurErrors((await import('./noise-influence.stage.js')).noiseInfluenceStage),
  },
  'augmented-finetune': {
    computes: true,
    load: async () => withOurErrors((await import('./augmented-finetune.stage.js')).augmentedFinetuneStage),
  },
  evaluate: {
    computes: true,
    load: async () => withOurErrors((await import('./evaluate.stage.js')).evaluateStage),
    loadSharded: async () => (await import('./evaluate.stage.js')).shardedEvaluation,
  },
  'train-denoiser': {
    computes: true,
    load: async () => withOurErrors((await import('./train-denoiser.stage.js')).trainDenoiserStage),
  },
  'import-denoiser': {
    computes: false,
    load: async () => withOurErrors((await import('./import-denoiser.stage.js')).importDenoiserStage),
  },
  'judge-attention': {
    computes: true,
    load: async () => withOurErrors((await import('./judge-attention.stage.js')).judgeAttentionStage),
  },
  'import-certificates': {
    computes: false,
    load: async () => withOurErrors((await import('./import-certificates.stage.js')).importCertificatesStage),
  },
  certify: {
    computes: true,
    load: async () => withOurErrors((await import('./certify.stage.js')).certifyStage),
    loadSharded: async () => (await import('./certify.stage.js')).shardedCertification,
  },
  'train-diffmask': {
    computes: true,
    load: async () => withOurErrors((await import('./train-diffmask.stage.js')).trainDiffmaskStage),
  },
  explain: {
    computes: true,
    load: async () => withOurErrors((await import('./explain.stage.js')).explainStage),
  },
  'stored-model': {
    computes: false,
    load: async () => (await import('./stored-model.stage.js')).storedModelStage,
  },
  report: {
    computes: false,
    load: async () => withOurErrors((await import('./report.stage.js')).reportStage),
  },
  command: { computes: false, load: async () => (await import('./command/command.stage.js')).commandStage },
  package: { computes: false, load: async () => (await import('./package/package.stage.js')).packageStage },
  noop: { computes: false, load: async () => (await import('./noop.stage.js')).noopStage },
};

/** What the bytes of a stage depend on that is given so many devices, from what they depend on with one. */
export function profileOn(kind: StageKind, devices: number, ofOne: NumericsProfile): NumericsProfile {
  return stageDefinition(kind).spreads && devices > 1 ? { ...ofOne, devices } : ofOne;
}

/**
 * The stage that does one part of another's work.
 * @throws VitrineError Internal for a kind whose work is in one piece
 */
export async function loadPart<K extends StageKind>(kind: K, part: Part): Promise<Stage<K>> {
  const sharded = await STAGE_RUNNERS[kind].loadSharded?.();
  if (!sharded)
    throw new VitrineError('Internal', 'The work of this kind cannot be cut.', { where: `kind ${kind}` });
  return withOurErrors((context) => runPart(sharded, context, part));
}

/** The stage, with errors of the ML core given our codes and the stage's name. */
function withOurErrors<K extends StageKind>(stage: Stage<K>): Stage<K> {
  return async (context) => {
    try {
      return await stage(context);
    } catch (error) {
      if (error instanceof VitrineError || error === context.signal.reason) throw error;
      const { fromMlError } = await import('./ml-errors.js');
      throw fromMlError(error, `stage ${context.identity.stage} of ${context.identity.runId}`);
    }
  };
}
