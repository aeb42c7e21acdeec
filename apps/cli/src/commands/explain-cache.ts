import type { CacheExplanation } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { printable } from '../progress/style.js';
import { findRun } from './run-name.js';

/** `vitrine explain-cache`: why a stage was computed, or whose result was found. */
export async function explainCache(
  context: Context,
  { run, stage }: { readonly run: string; readonly stage: string },
  { json }: { readonly json: boolean },
): Promise<number> {
  const api = apiClient(context);
  const explanation = await api.explainCache(await findRun(api, run), stage);
  if (json) context.terminal.json(explanation);
  else for (const line of explanationLines(explanation)) context.terminal.line(printable(line));
  return EXIT.ok;
}

export function explanationLines({ text, cache, nearest }: CacheExplanation): string[] {
  const lines = [text];
  if (cache?.key !== undefined) lines.push(`Key: ${cache.key}`);
  if (cache?.outcome === 'hit') return lines;
  if (!nearest) return [...lines, 'There is no earlier result of this kind to compare with.'];
  const { runId, stage } = nearest.from;
  if (nearest.differences.length === 0)
    return [...lines, `Run ${runId}, stage ${stage}, has the same key in all that is known.`];
  return [
    ...lines,
    `Against the nearest earlier result, of run ${runId}, stage ${stage}:`,
    ...nearest.differences.map(({ text: difference }) => `  ${difference}`),
  ];
}
