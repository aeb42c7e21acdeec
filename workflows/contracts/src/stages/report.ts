import { z } from 'zod';
import { slugSchema } from '../ids.js';
import { defineStage } from './define.js';

/** Tables of papers that a report can show. */
export const PUBLISHED_TABLES = [
  'nullspace-main',
  'nullspace-adversarial-training',
  'nullspace-tolerance',
  'nullspace-early-stop',
] as const;

export const reportStage = defineStage({
  kind: 'report',
  description:
    'One self-contained HTML page: curves, accuracies, confusion matrix, certified accuracy, attention, samples, images beside their noise.',
  params: z
    .strictObject({
      title: z.string().min(1).max(200).default('Vitrine report'),
      /** Published tables to show, each with the label of our evaluation beside the row that it repeats. */
      published: z
        .array(
          z.strictObject({
            table: z.enum(PUBLISHED_TABLES),
            rows: z.record(z.string(), z.string()).default({}),
          }),
        )
        .optional(),
      /** The arm of a study that all others are compared with; the one called `control`, when absent. */
      control: slugSchema.optional(),
      /** Instead of one control: which arms of the study are compared, in this order, and what each pair differs in. */
      comparisons: z
        .array(
          z.strictObject({ arm: slugSchema, against: slugSchema, differsIn: z.string().min(1).max(120) }),
        )
        .min(1)
        .optional(),
    })
    .refine(({ control, comparisons }) => control === undefined || comparisons === undefined, {
      path: ['comparisons'],
      message: 'expected either comparisons or one control',
    }),
  inputs: {
    histories: { type: 'history', arity: 'many', required: false, description: 'Curves to draw, by label.' },
    evaluations: {
      type: 'evaluation',
      arity: 'many',
      required: false,
      description: 'Evaluations to compare, by label.',
    },
    study: {
      type: 'predictions',
      arity: 'many',
      required: false,
      description:
        'Predictions of the arms of a study, labelled by arm and seed: hardened-1, hardened-2, control-1, control-2.',
    },
    certifications: {
      type: 'certification',
      arity: 'many',
      required: false,
      description: 'Certified accuracy to compare, by label.',
    },
    faithfulness: {
      type: 'faithfulness',
      arity: 'many',
      required: false,
      description: 'Stability and faithfulness of attention, by label.',
    },
    explanations: {
      type: 'explanations',
      arity: 'many',
      required: false,
      description: 'Explanations to show side by side, by label.',
    },
    noises: {
      type: 'noise',
      arity: 'many',
      required: false,
      description: 'Noises to show on example images, by label.',
    },
    influences: {
      type: 'influence',
      arity: 'many',
      required: false,
      description: 'Studies of noises to draw, by label.',
    },
  },
  outputs: { report: { type: 'report', description: 'The page.' } },
  summary: z.strictObject({ bytes: z.int() }),
});
