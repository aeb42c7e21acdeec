import type { ArtifactStore, ModelStore, RunStore, ScheduleStore } from '@vitrine/artifact-store';
import type { BuiltCode } from '@vitrine/config';
import {
  ERRORS,
  toVitrineError,
  type EndedStart,
  type NewData,
  type PreparedStart,
  type RunRequest,
  type ScheduleActivities,
  type ScheduledStart,
  type ScheduleEntry,
  type ScheduleHistory,
} from '@vitrine/contracts';
import type { Datasets } from '@vitrine/datasets';
import { champion, scheduledRun, scheduledRunId } from '@vitrine/planning';
import { alive } from '../alive.js';
import { judgeCandidate } from './judge-candidate.js';
import { newestDigest } from './new-data.js';

export interface ScheduleDeps {
  readonly runs: RunStore;
  readonly schedules: ScheduleStore;
  readonly models: ModelStore;
  readonly artifacts: (project: string) => ArtifactStore;
  readonly datasets: Pick<Datasets, 'load'>;
  /** The stage code that a run planned now is to be executed by. @throws VitrineError while there is none */
  readonly builtCode: () => BuiltCode;
  readonly clock: () => Date;
}

/** Entries that are kept of a schedule. */
const KEPT = 200;

/** The part of the control activities that concerns schedules. */
export function createScheduleControl(deps: ScheduleDeps): ScheduleActivities {
  return {
    prepareStart: (start) => alive(() => prepare(deps, start)),
    concludeStart: (end) => alive(() => conclude(deps, end)),
  };
}

async function prepare(deps: ScheduleDeps, start: ScheduledStart): Promise<PreparedStart> {
  const { project, name } = start.spec;
  let entry: ScheduleEntry | undefined;
  const decided = await decide(deps, start);
  await deps.schedules.change(project, name, (known) => {
    entry = known.entries.find(({ id }) => id === start.id);
    if (entry) return undefined;
    // Said here, where two starts at the same time come one after the other.
    entry = isUsed(known, decided.dataSha256) ? unchanged(decided) : decided;
    return { ...known, entries: [...known.entries, entry].slice(-KEPT) };
  });
  const noted = entry ?? decided;
  if (noted.outcome !== 'started') return {};
  return { request: await requestOf(deps, start, noted) };
}

/** As it would be noted if nothing was noted yet. */
async function decide(deps: ScheduleDeps, start: ScheduledStart): Promise<ScheduleEntry> {
  const { id, at, spec } = start;
  const decidedAt = deps.clock().toISOString();
  try {
    const dataSha256 = spec.newData && (await newestDigest(deps, spec.project, spec.newData));
    const noData = spec.newData !== undefined && dataSha256 === undefined;
    if (noData)
      return { id, at, decidedAt, outcome: 'unchanged', reason: `${nameOf(spec.newData)} is not there yet` };
    return {
      ...{ id, at, decidedAt, outcome: 'started', runId: scheduledRunId(start) },
      ...(dataSha256 !== undefined && { dataSha256 }),
    };
  } catch (error) {
    const failure = toVitrineError(error);
    if (ERRORS[failure.code].retry !== 'never') throw failure;
    return { id, at, decidedAt, outcome: 'failed', error: failure.toView() };
  }
}

/** A run that failed has not used its data, and one that runs may yet. */
function isUsed({ usedSha256, entries }: ScheduleHistory, dataSha256: string | undefined): boolean {
  if (dataSha256 === undefined) return false;
  if (usedSha256 === dataSha256) return true;
  return entries.some(
    (entry) => entry.dataSha256 === dataSha256 && entry.outcome === 'started' && entry.status === undefined,
  );
}

function unchanged({ runId: _none, ...entry }: ScheduleEntry): ScheduleEntry {
  return { ...entry, outcome: 'unchanged', reason: 'the data are those of the last run' };
}

function nameOf(data: NewData | undefined): string {
  return data?.of === 'output' ? `${data.output} of ${data.pipeline}` : (data?.dataset ?? '');
}

/** The request that is in the store, or else the one that is put there: whoever asks again gets the same. */
async function requestOf(
  deps: ScheduleDeps,
  start: ScheduledStart,
  entry: ScheduleEntry,
): Promise<RunRequest> {
  const { spec } = start;
  const stored = () => deps.runs.getRequest(spec.project, scheduledRunId(start));
  const found = await stored();
  if (found) return found;
  const known = spec.start.kind === 'retrain' && (await deps.models.get(spec.project, spec.start.model));
  const { codeVersion, kinds } = deps.builtCode();
  const request = scheduledRun(start, {
    ...(known && { champion: champion(known).artifact }),
    ...{ codeVersion, kindVersions: kinds, submittedAt: entry.decidedAt },
  });
  try {
    await deps.runs.putRequest(request);
    return request;
  } catch (error) {
    // An attempt that counted as lost was quicker, and planned with the code of its moment.
    const theirs = toVitrineError(error).code === 'Conflict' ? await stored() : undefined;
    if (theirs) return theirs;
    throw error;
  }
}

async function conclude(deps: ScheduleDeps, end: EndedStart): Promise<void> {
  const { spec, id, status } = end;
  const { retrain, error } = await judged(deps, end);
  await deps.schedules.change(spec.project, spec.name, (known) => {
    const entry = known.entries.find((one) => one.id === id);
    if (!entry || entry.status !== undefined) return undefined;
    const entries = known.entries.map((one) =>
      one.id === id ? { ...one, status, ...(retrain && { retrain }), ...(error && { error }) } : one,
    );
    const used = status === 'succeeded' ? entry.dataSha256 : undefined;
    return { ...known, entries, ...(used !== undefined && { usedSha256: used }) };
  });
}

/** What became of a candidate. What cannot be mended by waiting is noted, so that the schedule goes on. */
async function judged(
  deps: ScheduleDeps,
  end: EndedStart,
): Promise<Pick<ScheduleEntry, 'retrain' | 'error'>> {
  const { start } = end.spec;
  if (start.kind !== 'retrain' || end.status !== 'succeeded') return {};
  try {
    return { retrain: await judgeCandidate(deps, { ...end, retrain: start }) };
  } catch (error) {
    const failure = toVitrineError(error);
    if (ERRORS[failure.code].retry !== 'never') throw failure;
    return { error: failure.toView() };
  }
}
