import { SweepLog, type ArtifactStore, type SweepStore } from '@vitrine/artifact-store';
import {
  sweepOpenSchema,
  VitrineError,
  type ArtifactRef,
  type SteerAnswer,
  type SteerRequest,
  type SweepActivities,
  type SweepOpen,
  type SweepRequest,
  type SweepView,
} from '@vitrine/contracts';
import { SearchEngine } from '@vitrine/search';
import { alive } from '../alive.js';

export interface SweepDeps {
  readonly artifacts: (project: string) => ArtifactStore;
  readonly sweeps: Pick<SweepStore, 'getRequest' | 'seal'>;
}

/** A sweep as it stands after a page of its log. */
interface Standing {
  readonly log: SweepLog;
  readonly engine: SearchEngine;
}

/** Sweeps that are remembered between questions; any other is made again from its log. */
const REMEMBERED = 16;

/** Characters of JSON of the legs of an answer, less the last: three bytes each at most, and a payload holds two MiB. */
const ROOM = 400_000;

/** The part of the control activities that concerns sweeps. */
export function createSweepControl(deps: SweepDeps): SweepActivities {
  const memory = new Map<string, Standing>();
  return {
    steerSweep: (request) => alive(() => steer(deps, memory, request)),
    storeOpen: (project, open) =>
      alive(() => deps.artifacts(project).put('document', Buffer.from(JSON.stringify(open)))),
    recallOpen: (project, open) => alive(() => recall(deps, project, open)),
    sealSweep: (view) => alive(() => seal(deps, view)),
  };
}

async function steer(
  deps: SweepDeps,
  memory: Map<string, Standing>,
  request: SteerRequest,
): Promise<SteerAnswer> {
  const { project, sweepId } = request;
  const artifacts = deps.artifacts(project);
  const { engine, log } = await standing(deps, memory, request);
  const { events, legs, tally, more, finished } = engine.steer({ ...request, room: ROOM });
  const next = await log.append(artifacts, events);
  if (!next.last) throw new RangeError(`sweep ${sweepId}: its log has no page`);
  memory.set(keyOf(request, next.last.sha256), { engine, log: next });
  while (memory.size > REMEMBERED) memory.delete([...memory.keys()][0] ?? '');
  return { log: next.last, legs, tally, finished, ...(more && { more }) };
}

async function recall({ artifacts }: SweepDeps, project: string, open: ArtifactRef): Promise<SweepOpen> {
  const bytes = await artifacts(project).get(open);
  return sweepOpenSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

async function seal({ sweeps }: SweepDeps, view: SweepView): Promise<ArtifactRef> {
  const request = await requestOf(sweeps, view);
  return sweeps.seal({ format: 1, request, view });
}

async function requestOf(
  sweeps: SweepDeps['sweeps'],
  { project, sweepId }: Pick<SweepView, 'project' | 'sweepId'>,
): Promise<SweepRequest> {
  const submitted = await sweeps.getRequest(project, sweepId);
  if (submitted) return submitted;
  throw new VitrineError('ArtifactMissing', 'The request of a sweep is gone.', {
    where: `sweep ${project}/${sweepId}`,
    expected: 'the document that was stored when it was submitted',
    actual: 'none',
  });
}

/** Taken out of the memory: what is decided changes it, and a question that is asked again starts from the log. */
async function standing(
  { artifacts, sweeps }: SweepDeps,
  memory: Map<string, Standing>,
  request: SteerRequest,
): Promise<Standing> {
  const { project, log } = request;
  const key = keyOf(request, log?.sha256 ?? '');
  const known = memory.get(key);
  memory.delete(key);
  if (known) return known;
  const submitted = await requestOf(sweeps, request);
  const read = await SweepLog.read(artifacts(project), log);
  const engine = new SearchEngine(submitted.spec);
  for (const event of read.events) engine.apply(event);
  return { engine, log: read };
}

const keyOf = ({ project, sweepId }: SteerRequest, sha256: string): string =>
  `${project}/${sweepId}/${sha256}`;
