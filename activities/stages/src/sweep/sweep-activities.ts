import { SweepLog, type ArtifactStore, type SweepStore } from '@vitrine/artifact-store';
import { VitrineError, type SteerAnswer, type SteerRequest, type SweepActivities } from '@vitrine/contracts';
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

/** The part of the control activities that concerns sweeps. */
export function createSweepControl(deps: SweepDeps): SweepActivities {
  const memory = new Map<string, Standing>();
  return {
    steerSweep: (request) => alive(() => steer(deps, memory, request)),
    sealSweep: (sweep) => alive(() => deps.sweeps.seal(sweep)),
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
  const { events, legs, tally, finished } = engine.steer(request);
  const next = await log.append(artifacts, events);
  if (!next.last) throw new RangeError(`sweep ${sweepId}: its log has no page`);
  memory.set(keyOf(request, next.last.sha256), { engine, log: next });
  while (memory.size > REMEMBERED) memory.delete([...memory.keys()][0] ?? '');
  return { log: next.last, legs, tally, finished };
}

/** Taken out of the memory: what is decided changes it, and a question that is asked again starts from the log. */
async function standing(
  { artifacts, sweeps }: SweepDeps,
  memory: Map<string, Standing>,
  request: SteerRequest,
): Promise<Standing> {
  const { project, sweepId, log } = request;
  const key = keyOf(request, log?.sha256 ?? '');
  const known = memory.get(key);
  memory.delete(key);
  if (known) return known;
  const submitted = await sweeps.getRequest(project, sweepId);
  if (!submitted)
    throw new VitrineError('ArtifactMissing', 'The request of a sweep is gone.', {
      where: `sweep ${project}/${sweepId}`,
      expected: 'the document that was stored when it was submitted',
      actual: 'none',
    });
  const read = await SweepLog.read(artifacts(project), log);
  const engine = new SearchEngine(submitted.spec);
  for (const event of read.events) engine.apply(event);
  return { engine, log: read };
}

const keyOf = ({ project, sweepId }: SteerRequest, sha256: string): string =>
  `${project}/${sweepId}/${sha256}`;
