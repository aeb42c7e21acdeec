import { Inject, Injectable } from '@nestjs/common';
import type { BuiltCode } from '@vitrine/config';
import {
  VitrineError,
  type PipelineSpec,
  type RerunRequest,
  type RunList,
  type RunRequest,
  type RunView,
  type SealedRun,
  type SubmitRunResponse,
} from '@vitrine/contracts';
import { makeRunId, planRerun, planRun } from '@vitrine/planning';
import { PARTS, type ApiParts } from '../parts.js';
import { allocatedPools } from '../pools/allocation.js';
import { ablatedPipeline } from './ablated-pipeline.js';
import { resolvePackages } from './resolve-packages.js';
import { packSources } from './pack-sources.js';
import { refuseTooManyDevices } from './refuse-too-many-devices.js';
import { refuseTooLong } from './refuse-too-long.js';
import { listRuns, type RunQuery } from './run-list.js';
import type { RunParams } from './run.params.js';
import { unknownRun } from './run-views.js';
import type { Submission } from './submissions.js';

@Injectable()
export class RunsService {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  /**
   * Resolves the stages of packages, packs the sources of programs, plans the run, stores its request, starts it. Every step may be repeated, so a client that sends the same key again
   * carries an interrupted submission through.
   * @throws VitrineError InvalidRequest, TemporalUnavailable, StorageUnavailable, Conflict, InvalidConfig
   */
  async submit(submitted: Submission, idempotencyKey?: string): Promise<SubmitRunResponse> {
    refuseUnknownStages(submitted);
    const built = this.parts.builtCode();
    // Asked first, so that no request is stored for a run that cannot be started.
    await this.parts.temporal.ping();
    const submission = await this.resolved(submitted);
    const allocated = await allocatedPools(submission.spec, this.parts.temporal.policies);
    const plan = (): RunRequest => this.plan(submission, built, allocated);
    const request =
      idempotencyKey === undefined
        ? plan()
        : await this.parts.submissions.once(idempotencyKey, submission, plan);
    refuseTooLong(request, request.spec, { where: 'stages' });
    await this.parts.runs.putRequest(request);
    await this.parts.temporal.start(request);
    this.parts.metrics.inc({ name: 'vitrine_runs_submitted_total', labels: { project: request.project } });
    return { project: request.project, runId: request.runId };
  }

  /**
   * Starts a run that repeats a closed one from the stages that failed, or from those that are named.
   * @throws VitrineError NotFound, Conflict while it is open or when nothing is left to do, and as `submit`
   */
  async rerun(run: RunParams, { from, spec }: RerunRequest): Promise<SubmitRunResponse> {
    const earlier = await this.sealed(run);
    const named = {
      spec: { ...(spec ?? earlier.request.spec), project: run.project },
      options: { cache: true, force: from },
    };
    refuseUnknownStages(named, 'body: from');
    const { spec: pipeline } = await this.resolved(named);
    const { options, again } = planRerun({ earlier, spec: pipeline, from });
    if (again.length > 0) return this.submit({ spec: pipeline, options });
    throw new VitrineError('Conflict', 'There is nothing to repeat.', {
      where: `${run.project}/${run.runId}`,
      expected: 'a stage that failed, is changed, or is named',
      actual: 'stages that all succeeded, unchanged',
      hint: 'Name the first stage to compute anew with `--from`.',
    });
  }

  /**
   * Starts a run that repeats a closed one with a stage switched to identity.
   * @throws VitrineError NotFound, Conflict while it is open, InvalidRequest when no input stands for what others read, and as `submit`
   */
  async ablate(run: RunParams, stage: string): Promise<SubmitRunResponse> {
    const earlier = await this.sealed(run);
    const { spec, ...ablation } = ablatedPipeline(earlier.request.spec, stage);
    const { options } = planRerun({ earlier, spec, from: [] });
    const ablationOf = { runId: run.runId, stage, ...ablation };
    return this.submit({ spec, options: { ...options, ablationOf } });
  }

  /**
   * The request that this submission would become; nothing is stored or started.
   * @throws VitrineError InvalidRequest, InvalidConfig
   */
  async request(submission: Submission): Promise<RunRequest> {
    refuseUnknownStages(submission);
    const request = this.plan(await this.resolved(submission), this.parts.builtCode());
    refuseTooLong(request, request.spec, { where: 'stages' });
    return request;
  }

  /** @throws VitrineError NotFound */
  async submitted(run: RunParams): Promise<RunRequest> {
    const request = await this.parts.reader.request(run);
    if (!request) throw unknownRun(run);
    return request;
  }

  /** @throws VitrineError NotFound, Conflict when the run has ended */
  async cancel(run: RunParams): Promise<RunView> {
    const view = await this.parts.reader.view(run);
    if (view.status !== 'running')
      throw new VitrineError('Conflict', 'The run has ended and cannot be cancelled.', {
        where: `${run.project}/${run.runId}`,
        expected: 'a running run',
        actual: view.status,
        hint: 'There is nothing to do.',
      });
    if (!(await this.parts.temporal.cancel(run))) throw unknownRun(run);
    return view;
  }

  view(run: RunParams): Promise<RunView> {
    return this.parts.reader.view(run);
  }

  list(query: RunQuery): Promise<RunList> {
    return listRuns(this.parts, query);
  }

  /** With the stages of packages resolved and the sources of programs packed: as it is run. */
  private async resolved({ spec, options }: Submission): Promise<Submission> {
    return { spec: await this.resolve(spec), options };
  }

  /** @throws VitrineError InvalidRequest, StorageUnavailable */
  async resolve(spec: PipelineSpec): Promise<PipelineSpec> {
    refuseTooManyDevices(spec, this.parts.pools());
    const resolved = await resolvePackages(spec, this.parts.packages);
    return packSources(resolved, {
      artifacts: this.parts.artifacts(spec.project),
      readsFolders: this.parts.readsFolders,
    });
  }

  /** The record of a run; there is one as soon as the run shows how it has ended, unless it was terminated. */
  private async sealed(run: RunParams): Promise<SealedRun> {
    const { status } = await this.parts.reader.view(run);
    const sealed = await this.parts.runs.getSealed(run.project, run.runId);
    if (sealed) return sealed;
    throw new VitrineError('Conflict', 'The run cannot be repeated yet.', {
      where: `${run.project}/${run.runId}`,
      expected: 'a run whose record is stored',
      actual: status,
      hint: 'Wait until it has ended, or cancel it first.',
    });
  }

  /** @param allocated pools with a policy; of a plan that nobody runs they do not matter */
  private plan(
    { spec, options }: Submission,
    { codeVersion, kinds }: BuiltCode,
    allocated: readonly string[] = [],
  ): RunRequest {
    const at = this.parts.now();
    const runId = makeRunId(spec.name, at, this.parts.random());
    const submittedAt = at.toISOString();
    return planRun({ spec, runId, codeVersion, kindVersions: kinds, submittedAt, options, allocated });
  }
}

function refuseUnknownStages({ spec, options }: Submission, where = 'query: force'): void {
  const unknown = options.force.filter((stage) => !Object.hasOwn(spec.stages, stage));
  if (unknown.length === 0) return;
  throw new VitrineError('InvalidRequest', 'A stage to compute anew is not in the pipeline.', {
    where,
    expected: `one of ${Object.keys(spec.stages).join(', ')}`,
    actual: unknown.join(', '),
  });
}
