import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  pictureJobSchema,
  pictureMessageSchema,
  VitrineError,
  type ArtifactType,
  type PictureAnswer,
  type PictureJob,
} from '@vitrine/contracts';
import { DEFAULT_POOL } from '@vitrine/contracts/names';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatPercent } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { askProgram } from './ask-program.js';
import { findFile } from './find-file.js';

export interface ExplainOptions {
  readonly model: string;
  readonly image: readonly string[];
  readonly gates: readonly string[];
  readonly denoiser?: string;
  readonly methods?: readonly string[];
  readonly classes?: string;
  readonly fit: 'stretch' | 'crop';
  readonly scores: boolean;
  readonly out: string;
  readonly seed: number;
  readonly json: boolean;
}

/** `vitrine explain`: which patches of a person's own pictures a model's answers rest on. It needs no stack where it is given files. */
export async function explain(context: Context, options: ExplainOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-explain-'));
  try {
    const answer = await askProgram(context, {
      program: 'explain-pictures.mjs',
      job: await jobOf(context, folder, options),
      messages: pictureMessageSchema,
      does: 'explains',
    });
    if (options.json) context.terminal.json(answer);
    else print(context, answer);
    return EXIT.ok;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function jobOf(context: Context, folder: string, options: ExplainOptions): Promise<PictureJob> {
  const { pools } = context.config();
  const { threads, precision, execution, device } = pools[DEFAULT_POOL] ?? Object.values(pools)[0] ?? {};
  const find = (type: ArtifactType, argument: string, text: string): Promise<string> =>
    findFile(apiClient(context), folder, { type, argument, text });
  const gates: Record<string, string> = {};
  for (const text of options.gates) {
    const [, label = nextLabel(gates), name = text] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
    gates[label] = await find('gates', '--gates', name);
  }
  const methods = options.methods?.flatMap((names) => names.split(/[\s,]+/)).filter((name) => name !== '');
  const parsed = pictureJobSchema.safeParse({
    numerics: { threads, precision, execution, device },
    model: await find('model', '--model', options.model),
    gates,
    ...(options.denoiser !== undefined && {
      denoiser: await find('denoiser', '--denoiser', options.denoiser),
    }),
    images: options.image.map((path) => resolve(path)),
    ...(options.classes !== undefined && { classes: resolve(options.classes) }),
    ...{ out: resolve(options.out), fit: options.fit, scores: options.scores, seed: options.seed },
    ...(methods && { methods }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VitrineError('InvalidRequest', 'This cannot be explained.', {
    where: `option --${String(issue?.path[0] ?? '')}`,
    expected: issue?.message ?? 'other options',
    hint: 'See `npx vitrine explain --help`.',
  });
}

/** Gates without a label are named in their order. */
function nextLabel(gates: Readonly<Record<string, string>>): string {
  const number = Object.keys(gates).length + 1;
  return number === 1 ? 'diffmask' : `diffmask-${number}`;
}

function print({ terminal }: Context, { pictures, page, warnings }: PictureAnswer): void {
  for (const warning of warnings) terminal.aside(`Note: ${warning}`);
  const gates = (pictures[0]?.masks ?? []).flatMap(({ label }) => [`${label} KEEPS`, 'COSTS (NATS)', '']);
  const rows = pictures.map(({ name, predicted, confidence, masks }) => [
    ...[name, predicted, formatPercent(confidence, 1)],
    ...masks.flatMap(({ kept, divergence, tolerance, sameClass }) => [
      formatPercent(kept, 0),
      divergence.toFixed(3),
      [
        ...(divergence > tolerance ? [`above its tolerance of ${tolerance}`] : []),
        ...(sameClass ? [] : ['another class']),
      ].join(', '),
    ]),
  ]);
  for (const row of alignColumns([['PICTURE', 'THE MODEL SAYS', '', ...gates], ...rows])) terminal.line(row);
  terminal.line(page);
}
