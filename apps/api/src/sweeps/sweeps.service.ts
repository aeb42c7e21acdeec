import { SweepLog } from '@vitrine/artifact-store';
import { Inject, Injectable } from '@nestjs/common';
import type { BuiltCode } from '@vitrine/config';
import {
  VitrineError,
  type SubmitSweepResponse,
  type SweepCommand,
  type SchedulerSpec,
  type SweepEdit,
  type SweepEvent,
  type SweepList,
  type SweepReplay,
  type SweepReplayRequest,
  type SweepRequest,
  type SweepSpec,
  type SweepView,
  type TrialList,
} from '@vitrine/contracts';
import { replay, SearchEngine, viewOf } from '@vitrine/search';
import { PARTS, type ApiParts } from '../parts.js';
import { allocatedPools } from '../pools/allocation.js';
import { makeRunId } from '@vitrine/planning';
import { MOST_SWEEP_BYTES, refuseTooLong } from '../runs/refuse-too-long.js';
import { newestFirst } from '../runs/run-list.js';
import { RunsService } from '../runs/runs.service.js';
import { checkPoints } from './check-points.js';
import type { SweepParams } from './sweep.params.js';

@Injectable()
export class SweepsService {
  constructor(
    @Inject(PARTS) private readonly parts: ApiParts,
    @Inject(RunsService) private readonly runs: RunsService,
  ) {}

  /**
   * Resolves the pipeline as that of a run, tries points of the space on it, stores the request, starts the sweep. Every step may be
   * repeated, so a client that sends the same key again carries an interrupted submission through.
   * @throws VitrineError InvalidSpec, InvalidRequest, Conflict, InvalidConfig, TemporalUnavailable, StorageUnavailable
   */
  async submit(spec: SweepSpec, idempotencyKey?: string): Promise<SubmitSweepResponse> {
    const { temporal, sweeps, submissions } = this.parts;
    const built = this.parts.builtCode();
    await temporal.ping();
    const pipeline = await this.runs.resolve({ ...spec.pipeline, project: spec.project });
    const resolved = { ...spec, pipeline };
    checkPoints(resolved);
    const allocated = await allocatedPools(pipeline, temporal.policies);
    const make = (): SweepRequest => this.request(resolved, built, allocated);
    const request =
      idempotencyKey === undefined ? make() : await submissions.onceSweep(idempotencyKey, resolved, make);
    refuseTooLong(request, pipeline, { where: 'pipeline.stages', most: MOST_SWEEP_BYTES });
    await sweeps.putRequest(request);
    await temporal.startSweep(request);
    return { project: request.project, sweepId: request.sweepId };
  }

  /** A closed sweep by its record, an open one by its workflow. @throws VitrineError NotFound, TemporalUnavailable */
  async view(sweep: SweepParams): Promise<SweepView> {
    const sealed = await this.parts.sweeps.getSealed(sweep.project, sweep.sweepId);
    if (sealed) return sealed.view;
    const view = await this.parts.temporal.sweepView(sweep);
    if (view) return view;
    throw unknownSweep(sweep);
  }

  /** All trials, as the log tells of them. */
  async trials(sweep: SweepParams): Promise<TrialList> {
    const { spec, events } = await this.recorded(sweep);
    const engine = new SearchEngine(spec);
    for (const event of events) engine.apply(event);
    return { trials: engine.book.trials.map(viewOf) };
  }

  /**
   * What another scheduler would have made of the trials, as far as they have come; no device is used.
   * @throws VitrineError NotFound, InvalidRequest where the log does not say what it would have wanted to know
   */
  async replay(sweep: SweepParams, { scheduler, parallelism }: SweepReplayRequest): Promise<SweepReplay> {
    const { spec, events, view } = await this.recorded(sweep);
    refuseNoReplay(spec, scheduler);
    const at = { spec, events, scheduler, parallelism: parallelism ?? view.parallelism };
    const { unknown, ...replayed } = replay(at);
    const { project, sweepId } = sweep;
    const { metric, direction } = spec.objective;
    if (unknown.length === 0) return { project, sweepId, metric, direction, ...replayed };
    throw new VitrineError('InvalidRequest', 'The sweep cannot be replayed under this scheduler.', {
      where: 'body: scheduler',
      expected: 'a scheduler that asks for reports where trials gave some',
      actual: `no trial reported at ${unknown.slice(0, 10).join(', ')}`,
      hint: 'Change its `every`, `eta` or `minResource` to those of the sweep.',
    });
  }

  /** Newest first. One whose workflow does not answer is listed as it was submitted. */
  async list(project: string): Promise<SweepList> {
    const ids = newestFirst(await this.parts.sweeps.listSweepIds(project));
    const sweeps = await Promise.all(
      ids.map(async (sweepId) => {
        const view = await this.view({ project, sweepId }).catch(() => undefined);
        if (!view) return this.submitted({ project, sweepId });
        const { name, status, submittedAt, endedAt } = view;
        return [{ project, sweepId, name, status, submittedAt, ...(endedAt !== undefined && { endedAt }) }];
      }),
    );
    return { sweeps: sweeps.flat() };
  }

  /** @throws VitrineError NotFound, Conflict when it has ended */
  async command(sweep: SweepParams, command: SweepCommand): Promise<SweepView> {
    return this.tell(sweep, command);
  }

  /** @throws VitrineError NotFound, Conflict when it has ended */
  async edit(sweep: SweepParams, edit: SweepEdit): Promise<SweepView> {
    return this.tell(sweep, edit);
  }

  private async tell(sweep: SweepParams, told: SweepCommand | SweepEdit): Promise<SweepView> {
    const { endedAt, status } = await this.view(sweep);
    if (endedAt === undefined && (await this.parts.temporal.tellSweep(sweep, told))) return this.view(sweep);
    throw new VitrineError('Conflict', 'The sweep has ended.', {
      where: `${sweep.project}/${sweep.sweepId}`,
      expected: 'an open sweep',
      actual: status,
      hint: 'There is nothing to do.',
    });
  }

  private async recorded(
    sweep: SweepParams,
  ): Promise<{ view: SweepView; spec: SweepSpec; events: readonly SweepEvent[] }> {
    const view = await this.view(sweep);
    const request = await this.parts.sweeps.getRequest(sweep.project, sweep.sweepId);
    if (!request) throw unknownSweep(sweep);
    const { events } = await SweepLog.read(this.parts.artifacts(sweep.project), view.log);
    return { view, spec: request.spec, events };
  }

  private request(spec: SweepSpec, { codeVersion, kinds }: BuiltCode, allocated: string[]): SweepRequest {
    const at = this.parts.now();
    const sweepId = makeRunId(spec.name, at, this.parts.random());
    const submittedAt = at.toISOString();
    const request = { project: spec.project, sweepId, spec, codeVersion, codeVersions: kinds, submittedAt };
    return { ...request, ...(allocated.length > 0 && { allocated }) };
  }

  private async submitted({ project, sweepId }: SweepParams): Promise<SweepList['sweeps']> {
    const request = await this.parts.sweeps.getRequest(project, sweepId);
    if (!request) return [];
    const { submittedAt, spec } = request;
    return [{ project, sweepId, name: spec.name, status: 'running', submittedAt }];
  }
}

function unknownSweep({ project, sweepId }: SweepParams): VitrineError {
  return new VitrineError('NotFound', 'There is no such sweep.', {
    where: `${project}/${sweepId}`,
    expected: 'a project and an id as the list of sweeps names them',
    hint: 'List what exists with `vitrine sweeps`.',
  });
}

/** Values that change on the way make curves of no one trial, and without a resource there are no curves. */
function refuseNoReplay({ scheduler: own, resource }: SweepSpec, { kind }: SchedulerSpec): void {
  const changes = own.kind === 'pbt' || kind === 'pbt';
  if (!changes && resource) return;
  throw new VitrineError('InvalidRequest', 'The sweep cannot be replayed.', {
    where: changes ? 'body: scheduler.kind' : 'the sweep: resource',
    expected: changes
      ? 'schedulers that leave the values of a trial as they are'
      : 'a sweep whose trials report on the way',
    actual: changes ? `${own.kind} replayed as ${kind}` : 'a sweep without resource',
  });
}
