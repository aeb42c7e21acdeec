import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { changePipeline } from '../pipeline-file.js';
import { builtProgramsVersion, requireCurrentCode } from '../stack/code-version.js';
import { findRun } from './run-name.js';
import { follow } from './run.js';

interface RerunOptions {
  readonly from: readonly string[];
  readonly set: readonly string[];
  readonly follow: boolean;
  readonly json: boolean;
}

/** `vitrine rerun`: starts a run that takes over what is still right of an earlier one. */
export async function rerun(context: Context, text: string, options: RerunOptions): Promise<number> {
  const { terminal } = context;
  const { from, set, json } = options;
  const { stateDir, workspace } = context.config();
  const api = apiClient(context);
  const earlier = await findRun(api, text);
  const spec =
    set.length === 0
      ? undefined
      : changePipeline((await api.requestOf(earlier)).spec, { set, source: `run ${earlier.runId}` });
  requireCurrentCode(stateDir, builtProgramsVersion(workspace));
  const started = await api.rerun(earlier, { from: [...from], ...(spec && { spec }) });
  if (options.follow) return follow(context, started, { json });
  if (json) terminal.json(started);
  else terminal.line(`${started.project}/${started.runId}`);
  return EXIT.ok;
}
