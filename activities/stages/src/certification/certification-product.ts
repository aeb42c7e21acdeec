/** What certification comes to, from its examples: what the stage says, and what `vitrine verify` holds it to. */
import { certificationSchema, type StageOutputs, type StageSummary } from '@vitrine/contracts';
import { certifiedAccuracy, certifiedAccuracyCurve } from '@vitrine/ml-smoothing';
import type { StageContext } from '../stage-context.js';
import { certificationLog, certificationTable } from './certification-files.js';
import type { CertifiedExample } from './certifier.js';

/** Radii of the summary, in units of sigma. */
const SUMMARY_RADII = [0, 0.5, 1, 1.5, 2, 3];

/** What was certified, as far as parameters and inputs do not say it. */
export interface CertifiedData {
  readonly dataset: string;
  readonly datasetSha256: string;
  readonly classNames: readonly string[];
  /** Of the diffusion, where there is a denoiser. */
  readonly step?: number | undefined;
}

export async function certificationProduct(
  { params, inputs, artifacts }: Pick<StageContext<'certify'>, 'params' | 'inputs' | 'artifacts'>,
  { step, ...data }: CertifiedData,
  examples: readonly CertifiedExample[],
): Promise<{ outputs: Omit<StageOutputs<'certify'>, 'attention'>; summary: StageSummary<'certify'> }> {
  const certification = certificationSchema.parse({
    origin: {
      kind: 'computed',
      dataset: data.dataset,
      datasetSha256: data.datasetSha256,
      modelSha256: inputs.model.sha256,
      ...(inputs.denoiser && { denoiserSha256: inputs.denoiser.sha256 }),
      classNames: data.classNames,
      alpha: params.alpha,
      selection: params.selection,
      draws: params.draws,
      ...(step !== undefined && { step }),
    },
    sigma: params.sigma,
    examples,
    curve: certifiedAccuracyCurve(examples).map(([radius, accuracy]) => ({ radius, accuracy })),
  });
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  return {
    outputs: {
      certification: await artifacts.put('certification', text(JSON.stringify(certification))),
      certificates: await artifacts.put('certificates', text(certificationLog(examples))),
      table: await artifacts.put('table', certificationTable(examples)),
    },
    summary: summaryOf(examples, params.sigma),
  };
}

function summaryOf(examples: readonly CertifiedExample[], sigma: number): StageSummary<'certify'> {
  const certified = SUMMARY_RADII.map((times) => ({
    radius: times * sigma,
    accuracy: certifiedAccuracy(examples, times * sigma),
  }));
  const total = (of: (example: CertifiedExample) => number): number =>
    examples.reduce((sum, example) => sum + of(example), 0);
  return {
    examples: examples.length,
    abstained: examples.filter(({ predict }) => predict < 0).length,
    certified,
    meanRadius: total(({ radius }) => radius) / examples.length,
    draws: total(({ draws }) => draws ?? 0),
  };
}
