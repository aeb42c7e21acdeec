import type {
  ArtifactRef,
  certificationSchema,
  evaluationSchema,
  faithfulnessSchema,
  HistoryRow,
  influenceSchema,
  Provenance,
  StageParams,
} from '@vitrine/contracts';
import type { z } from 'zod';
import type { ExplanationsArtifact } from '../explain/explanations-artifact.js';
import type { Study } from '../evaluation/study.js';
import type { NoiseArtifact } from '../noise-artifact.js';
import type { StageIdentity } from '../stage-context.js';

type RowOf<E extends HistoryRow['event']> = Extract<HistoryRow, { event: E }>;

/** One artifact with the label that the pipeline gave it. */
interface Labelled {
  readonly label: string;
  readonly ref: ArtifactRef;
}

export interface HistoryInput extends Labelled {
  readonly provenance: Provenance;
  readonly rows: readonly HistoryRow[];
}

export interface EvaluationInput extends Labelled {
  readonly evaluation: z.infer<typeof evaluationSchema>;
}

export interface ExplanationsInput extends Labelled {
  readonly explanations: ExplanationsArtifact;
}

export interface NoiseInput extends Labelled {
  readonly noise: NoiseArtifact;
}

export interface InfluenceInput extends Labelled {
  readonly study: z.infer<typeof influenceSchema>;
}

export interface CertificationInput extends Labelled {
  readonly certification: z.infer<typeof certificationSchema>;
}

export interface FaithfulnessInput extends Labelled {
  readonly faithfulness: z.infer<typeof faithfulnessSchema>;
}

/** A grid of samples of a history. */
export interface Picture {
  readonly step: number;
  /** Data address. */
  readonly address: string;
}

/** All that the page is made of. */
export interface ReportData {
  readonly title: string;
  readonly identity: StageIdentity;
  readonly histories: readonly HistoryInput[];
  readonly evaluations: readonly EvaluationInput[];
  readonly noises: readonly NoiseInput[];
  readonly influences: readonly InfluenceInput[];
  /** Published tables to show, with the label of the evaluation that stands beside each row. */
  readonly published: NonNullable<StageParams<'report'>['published']>;
  readonly certifications: readonly CertificationInput[];
  readonly faithfulness: readonly FaithfulnessInput[];
  /** Grids of samples, by the label of their history. */
  readonly pictures: Readonly<Record<string, readonly Picture[]>>;
  readonly explanations: readonly ExplanationsInput[];
  readonly study?: Study | undefined;
}

/** The rows of one event. */
export const rowsOf = <E extends HistoryRow['event']>({ rows }: HistoryInput, event: E): RowOf<E>[] =>
  rows.filter((row): row is RowOf<E> => row.event === event);

/** The colour of a label, the same all over the page: its place among all labels. */
export function colourOf({
  evaluations,
  histories,
  noises,
  certifications,
}: ReportData): (label: string) => number {
  const labels = [
    ...new Set([...evaluations, ...histories, ...noises, ...certifications].map(({ label }) => label)),
  ];
  return (label) => labels.indexOf(label);
}
