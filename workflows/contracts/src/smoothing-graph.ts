import { assignItem } from './assign-item.js';
import { diffusionSpecSchema } from './denoiser-spec.js';
import type { ForEach } from './for-each.js';
import { vitSpecSchema, type VitSpec } from './model-spec.js';
import { attentionClaimProblem, sigmaProblem, topKProblem } from './smoothing-limits.js';
import { stageDefinition, type StageKind, type StageParams } from './stages/index.js';
import { referenceParts } from './stage-references.js';

interface SmoothingStage {
  readonly kind: StageKind;
  readonly params: unknown;
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  readonly forEach?: ForEach | undefined;
}

type Stages = Readonly<Record<string, SmoothingStage>>;

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What a stage that smooths asks of its model and its denoiser, found out before either is trained. */
export function smoothingProblems(stages: Stages, stage: SmoothingStage): Problem[] {
  const written = problemsOf(stages, stage, stage.params);
  if (written.length > 0 || !stage.forEach) return written;
  const { items = [], params: places } = stage.forEach;
  for (const [index, item] of items.entries()) {
    const parsed = stageDefinition(stage.kind).params.safeParse(assignItem(stage.params, places, item));
    const [problem] = parsed.success ? problemsOf(stages, stage, parsed.data) : [];
    if (problem)
      return [
        {
          path: ['forEach', 'items', index],
          message: `${problem.path.slice(1).join('.')}: ${problem.message}`,
        },
      ];
  }
  return [];
}

function problemsOf(stages: Stages, { kind, inputs }: SmoothingStage, params: unknown): Problem[] {
  const at = (path: readonly string[], message: string | undefined): Problem[] =>
    message === undefined ? [] : [{ path: ['params', ...path], message }];
  const noise = (path: readonly string[], sigma: number): Problem[] => {
    const diffusion = diffusionOf(stages, inputs['denoiser']);
    return diffusion ? at(path, sigmaProblem(sigma, diffusion)) : [];
  };
  const tokens = tokensOf(stages, inputs['model']);
  if (kind === 'certify') {
    const { sigma, alpha, attention } = params as StageParams<'certify'>;
    const claim =
      attention && tokens !== undefined && attentionClaimProblem(attention, { tokens, alpha: alpha / 2 });
    return [...noise(['sigma'], sigma), ...(claim ? at(['attention', ...claim.path], claim.message) : [])];
  }
  if (kind === 'judge-attention') {
    const { sigma, k } = params as StageParams<'judge-attention'>;
    return [
      ...noise(['sigma'], sigma),
      ...at(['k'], tokens === undefined ? undefined : topKProblem(k, tokens)),
    ];
  }
  if (kind !== 'explain') return [];
  const { methods, smoothing } = params as StageParams<'explain'>;
  return methods.includes('smoothedAttention') ? noise(['smoothing', 'sigma'], smoothing.sigma) : [];
}

type Reference = SmoothingStage['inputs'][string];

/** The stage that a reference names, unless each of its elements has parameters of its own. */
function sourceOf(stages: Stages, reference: Reference): SmoothingStage | undefined {
  if (typeof reference !== 'string') return undefined;
  const { stage: name } = referenceParts(reference);
  const source = Object.hasOwn(stages, name) ? stages[name] : undefined;
  return source?.forEach ? undefined : source;
}

/** Where the pipeline itself says so. */
function diffusionOf(stages: Stages, reference: Reference) {
  const { model } = (sourceOf(stages, reference)?.params ?? {}) as { model?: { diffusion?: unknown } };
  return diffusionSpecSchema.safeParse(model?.diffusion).data;
}

/** Of the classifier, through stages that go on with the model of another. */
function tokensOf(stages: Stages, reference: Reference, seen: readonly unknown[] = []): number | undefined {
  const source = sourceOf(stages, reference);
  if (!source || seen.includes(source)) return undefined;
  const { model } = source.params as { model?: unknown };
  const spec: VitSpec | undefined = vitSpecSchema.safeParse(model).data;
  if (spec) return (spec.imageSize / spec.patchSize) ** 2;
  return tokensOf(stages, source.inputs['model'], [...seen, source]);
}
