import { VitrineError, runIdSchema, slugSchema } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ApiClient, RunName } from '../client/api-client.js';

/** The word that stands for the newest run. */
const LAST = 'last';

/**
 * The run that `RUN` means: `last`, a run id of the default project, or `project/run-id`.
 * @throws VitrineError InvalidRequest, NotFound
 */
export async function findRun(api: Pick<ApiClient, 'list'>, text: string): Promise<RunName> {
  if (text === LAST) return lastRun(api);
  const [project, runId, ...more] = text.includes('/') ? text.split('/') : [DEFAULT_PROJECT, text];
  const name = { project: slugSchema.safeParse(project).data, runId: runIdSchema.safeParse(runId).data };
  if (name.project !== undefined && name.runId !== undefined && more.length === 0)
    return { project: name.project, runId: name.runId };
  throw new VitrineError('InvalidRequest', 'This is not the name of a run.', {
    where: 'argument RUN',
    expected: 'a run id, project/run-id, or the word last',
    actual: JSON.stringify(text),
    hint: 'List the runs there are with `npx vitrine runs`.',
  });
}

async function lastRun(api: Pick<ApiClient, 'list'>): Promise<RunName> {
  const [newest] = (await api.list({ limit: '1' })).runs;
  if (newest) return { project: newest.project, runId: newest.runId };
  throw new VitrineError('NotFound', 'There is no run yet.', {
    where: `project ${DEFAULT_PROJECT}`,
    expected: 'a run',
    hint: 'Start one with `npx vitrine run quick`.',
  });
}
