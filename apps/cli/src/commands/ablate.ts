import type { RunView } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { comparisonTable } from '../progress/comparison-table.js';
import { builtProgramsVersion, requireCurrentCode } from '../stack/code-version.js';
import { findRun } from './run-name.js';
import { follow } from './run.js';

interface AblateOptions {
  readonly stage: string;
  readonly follow: boolean;
  readonly json: boolean;
}

/** `vitrine ablate`: repeats a run without one of its stages. */
export async function ablate(context: Context, text: string, options: AblateOptions): Promise<number> {
  const { terminal } = context;
  const { stage, json } = options;
  const { stateDir, workspace } = context.config();
  const api = apiClient(context);
  const earlier = await findRun(api, text);
  requireCurrentCode(stateDir, builtProgramsVersion(workspace));
  const started = await api.ablate(earlier, { stage });
  if (options.follow) {
    const code = await follow(context, started, { json });
    if (!json) await printComparison(context, await api.view(started));
    return code;
  }
  if (json) terminal.json(started);
  else terminal.line(`${started.project}/${started.runId}`);
  return EXIT.ok;
}

/** Of a closed ablation: its figures beside those of the run it leaves a stage out of. */
export async function printComparison(context: Context, view: RunView): Promise<void> {
  const { project, ablationOf, status } = view;
  if (!ablationOf || status === 'running') return;
  const { terminal } = context;
  const base = await apiClient(context).view({ project, runId: ablationOf.runId });
  const stood = Object.entries(ablationOf.replaced).map(([output, input]) => `${output} is ${input}`);
  terminal.line();
  terminal.line(
    `Ablation of ${ablationOf.runId}: without stage ${ablationOf.stage}, its ${stood.join(', ')}`,
  );
  if (ablationOf.dropped.length > 0) terminal.line(`Nothing stands for ${ablationOf.dropped.join(', ')}`);
  for (const row of comparisonTable(base, view)) terminal.line(`  ${row}`);
}
