import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
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
    const answer = await runJob(context, await jobOf(context, folder, options));
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

async function runJob(context: Context, job: PictureJob): Promise<PictureAnswer> {
  const entry = join(context.config().workspace ?? '.', 'activities/stages/dist/explain-pictures.mjs');
  if (!existsSync(entry))
    throw new VitrineError('InvalidConfig', 'The project is not built.', {
      where: entry,
      expected: 'a build',
      hint: 'Set up again with `npm start -- --setup-only`.',
    });
  const child = spawn(process.execPath, [entry, JSON.stringify(job)], {
    env: context.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4000)));
  let answer: PictureAnswer | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = pictureMessageSchema.parse(JSON.parse(line));
    if ('error' in message) throw VitrineError.of(message.error);
    if ('answer' in message) answer = message.answer;
    else if (context.terminal.live && !('answer' in message)) {
      const { phase, step, total } = message.progress;
      context.terminal.screen.draw([`  ${phase}  ${step}/${total}`.slice(0, context.terminal.width)]);
    }
  }
  await ended;
  context.terminal.screen.leave();
  if (answer) return answer;
  throw new VitrineError('StageFailed', 'The process that explains ended without an answer.', {
    where: entry,
    expected: 'an answer',
    actual: said.trim() || `exit code ${child.exitCode ?? child.signalCode ?? 'unknown'}`,
    hint: 'See what is missing with `npx vitrine doctor`.',
  });
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
