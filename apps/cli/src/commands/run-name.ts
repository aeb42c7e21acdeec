import { VitrineError, runIdSchema, slugSchema } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ApiClient, RunName } from '../client/api-client.js';
import type { SweepClient, SweepName } from '../client/sweep-client.js';

/** The word that stands for the newest run, or sweep. */
const LAST = 'last';

/**
 * The run that `RUN` means: `last`, a run id of the default project, or `project/run-id`.
 * @throws VitrineError InvalidRequest, NotFound
 */
export async function findRun(api: Pick<ApiClient, 'list'>, text: string): Promise<RunName> {
  if (text === LAST) return lastRun(api);
  const name = nameOf(text);
  if (name) return { project: name.project, runId: name.id };
  throw new VitrineError('InvalidRequest', 'This is not the name of a run.', {
    where: 'argument RUN',
    expected: 'a run id, project/run-id, or the word last',
    actual: JSON.stringify(text),
    hint: 'List the runs there are with `npx vitrine runs`.',
  });
}

/**
 * The sweep that `SWEEP` means, in the same way.
 * @throws VitrineError InvalidRequest, NotFound
 */
export async function findSweep(api: Pick<SweepClient, 'list'>, text: string): Promise<SweepName> {
  if (text === LAST) return lastSweep(api);
  const name = nameOf(text);
  if (name) return { project: name.project, sweepId: name.id };
  throw new VitrineError('InvalidRequest', 'This is not the name of a sweep.', {
    where: 'argument SWEEP',
    expected: 'a sweep id, project/sweep-id, or the word last',
    actual: JSON.stringify(text),
    hint: 'List the sweeps there are with `npx vitrine sweeps`.',
  });
}

interface Named {
  readonly argument: string;
  readonly what: string;
  /** The command that lists such. */
  readonly list: string;
}

/**
 * What an argument names by its own name, in its project.
 * @throws VitrineError InvalidRequest
 */
export function nameIn(
  text: string,
  { argument, what, list }: Named,
): { readonly project: string; readonly id: string } {
  const name = nameOf(text);
  if (name) return name;
  throw new VitrineError('InvalidRequest', `This is not the name of a ${what}.`, {
    where: `argument ${argument}`,
    expected: `the name of a ${what}, or project/name`,
    actual: JSON.stringify(text),
    hint: `List what there is with \`npx vitrine ${list}\`.`,
  });
}

function nameOf(text: string): { readonly project: string; readonly id: string } | undefined {
  const [named, given, ...more] = text.includes('/') ? text.split('/') : [DEFAULT_PROJECT, text];
  const project = slugSchema.safeParse(named).data;
  const id = runIdSchema.safeParse(given).data;
  return project === undefined || id === undefined || more.length > 0 ? undefined : { project, id };
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

async function lastSweep(api: Pick<SweepClient, 'list'>): Promise<SweepName> {
  const [newest] = (await api.list(DEFAULT_PROJECT)).sweeps;
  if (newest) return { project: newest.project, sweepId: newest.sweepId };
  throw new VitrineError('NotFound', 'There is no sweep yet.', {
    where: `project ${DEFAULT_PROJECT}`,
    expected: 'a sweep',
    hint: 'Start one with `npx vitrine sweep infra/local/sweep.cifar10.yaml`.',
  });
}
