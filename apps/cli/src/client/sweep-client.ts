import {
  submitSweepResponseSchema,
  sweepListSchema,
  sweepReplaySchema,
  sweepViewSchema,
  trialListSchema,
  type SubmitSweepResponse,
  type SweepCommand,
  type SweepEdit,
  type SweepList,
  type SweepReplay,
  type SweepSpec,
  type SweepView,
  type TrialList,
} from '@vitrine/contracts';
import { sentAgain, type ApiClient } from './api-client.js';
import { sending } from './sending.js';

export interface SweepName {
  readonly project: string;
  readonly sweepId: string;
}

/** The part of the HTTP API that is about sweeps. */
export class SweepClient {
  constructor(private readonly api: Pick<ApiClient, 'json'>) {}

  /** The key makes sending again harmless, so a lost answer is asked for once more. */
  submit(spec: SweepSpec, idempotencyKey: string): Promise<SubmitSweepResponse> {
    return sentAgain(() =>
      this.api.json('/api/v1/sweeps', submitSweepResponseSchema, sending(spec, { idempotencyKey })),
    );
  }

  list(project: string): Promise<SweepList> {
    return this.api.json(`/api/v1/sweeps?${new URLSearchParams({ project }).toString()}`, sweepListSchema);
  }

  view(sweep: SweepName): Promise<SweepView> {
    return this.api.json(pathOf(sweep), sweepViewSchema);
  }

  trials(sweep: SweepName): Promise<TrialList> {
    return this.api.json(`${pathOf(sweep)}/trials`, trialListSchema);
  }

  command(sweep: SweepName, command: SweepCommand): Promise<SweepView> {
    return this.api.json(`${pathOf(sweep)}/${command}`, sweepViewSchema, { method: 'POST' });
  }

  /** @param request checked by the API, which knows the schedulers */
  replay(sweep: SweepName, request: unknown): Promise<SweepReplay> {
    return this.api.json(`${pathOf(sweep)}/replay`, sweepReplaySchema, sending(request));
  }

  edit(sweep: SweepName, edit: SweepEdit): Promise<SweepView> {
    return this.api.json(`${pathOf(sweep)}/edit`, sweepViewSchema, sending(edit));
  }
}

function pathOf({ project, sweepId }: SweepName): string {
  return `/api/v1/sweeps/${encodeURIComponent(project)}/${encodeURIComponent(sweepId)}`;
}
