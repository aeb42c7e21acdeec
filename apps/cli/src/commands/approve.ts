import { userInfo } from 'node:os';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { findRun } from './run-name.js';

interface ApproveOptions {
  readonly reject: boolean;
  readonly comment: string;
  readonly json: boolean;
}

/** `vitrine approve`: lets a stage that is held go on, or decides against it. */
export async function approve(
  context: Context,
  { run, stage }: { readonly run: string; readonly stage: string },
  { reject, comment, json }: ApproveOptions,
): Promise<number> {
  const { terminal } = context;
  const api = apiClient(context);
  const decision = { approved: !reject, by: userInfo().username, comment };
  const view = await api.decide(await findRun(api, run), stage, decision);
  if (json) terminal.json(view);
  else terminal.line(`Stage ${stage} of ${view.runId} is ${reject ? 'rejected' : 'approved'}.`);
  return EXIT.ok;
}
