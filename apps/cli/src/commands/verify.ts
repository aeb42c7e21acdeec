import { verificationMessageSchema, type Verification } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { alignColumns } from '../progress/results-table.js';
import { printable } from '../progress/style.js';
import { askProgram } from './ask-program.js';
import { findRun } from './run-name.js';

/**
 * `vitrine verify`: every figure of a closed run recomputed from what is stored. With the name of a run it needs the store and
 * nothing else; only for `last` the API is asked.
 * @returns `EXIT.failed` when anything is not what it was
 */
export async function verify(
  context: Context,
  text: string,
  { json }: { readonly json: boolean },
): Promise<number> {
  const verification = await askProgram(context, {
    program: 'verify-run.mjs',
    job: await findRun(apiClient(context), text),
    messages: verificationMessageSchema,
    does: 'verifies',
  });
  if (json) context.terminal.json(verification);
  else for (const line of verificationLines(verification)) context.terminal.line(printable(line));
  return verification.differences.length === 0 ? EXIT.ok : EXIT.failed;
}

export function verificationLines({
  project,
  runId,
  artifacts,
  figures,
  differences,
  measured,
}: Verification): string[] {
  const run = `Run ${project}/${runId}`;
  const read = `${artifacts} artifacts read to the end, ${figures} figures recomputed`;
  const notes = measured.map(({ stage, reason }) => `Not recomputed, ${stage}: ${reason}.`);
  if (differences.length === 0) return [`${run} holds: ${read}, no difference.`, ...notes];
  const rows = differences.map(({ where, figure, sha256, stored, recomputed }) => [
    ...[where, figure, sha256.slice(0, 12), stored, recomputed],
  ]);
  return [
    `${run} does not hold: ${read}, ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}.`,
    ...alignColumns([['WHERE', 'FIGURE', 'DIGEST', 'STORED', 'RECOMPUTED'], ...rows]),
    ...notes,
  ];
}
