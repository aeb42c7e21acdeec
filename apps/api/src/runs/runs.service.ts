import { Inject, Injectable } from '@nestjs/common';
import {
  VitrineError,
  type RunList,
  type RunRequest,
  type RunView,
  type SubmitRunResponse,
} from '@vitrine/contracts';
import { planRun } from '@vitrine/planning';
import { PARTS, type ApiParts } from '../parts.js';
import { resolvePackages } from './resolve-packages.js';
import { packSources } from './pack-sources.js';
import { makeRunId } from './run-id.js';
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
    const codeVersion = await this.parts.codeVersion();
    // Asked first, so that no request is stored for a run that cannot be started.
    await this.parts.temporal.ping();
    const submission = await this.resolved(submitted);
    const plan = (): RunRequest => this.plan(submission, codeVersion);
    const request =
      idempotencyKey === undefined
        ? plan()
        : await this.parts.submissions.once(idempotencyKey, submission, plan);
    await this.parts.runs.putRequest(request);
    await this.parts.temporal.start(request);
    return { project: request.project, runId: request.runId };
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
    const resolved = await resolvePackages(spec, this.parts.packages);
    const packed = await packSources(resolved, {
      artifacts: this.parts.artifacts(spec.project),
      readsFolders: this.parts.readsFolders,
    });
    return { spec: packed, options };
  }

  private plan({ spec, options }: Submission, codeVersion: string): RunRequest {
    const at = this.parts.now();
    const runId = makeRunId(spec.name, at, this.parts.random());
    return planRun({ spec, runId, codeVersion, submittedAt: at.toISOString(), options });
  }
}

function refuseUnknownStages({ spec, options }: Submission): void {
  const unknown = options.force.filter((stage) => !Object.hasOwn(spec.stages, stage));
  if (unknown.length === 0) return;
  throw new VitrineError('InvalidRequest', 'A stage to compute anew is not in the pipeline.', {
    where: 'query: force',
    expected: `one of ${Object.keys(spec.stages).join(', ')}`,
    actual: unknown.join(', '),
  });
}
