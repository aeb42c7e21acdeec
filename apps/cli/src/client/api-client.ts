import { setTimeout as sleep } from 'node:timers/promises';
import {
  VitrineError,
  artifactListSchema,
  cacheExplanationSchema,
  lineageSchema,
  logPageSchema,
  loginLinkSchema,
  readinessSchema,
  runListSchema,
  runPlanSchema,
  runRequestSchema,
  runViewSchema,
  storedEventSchema,
  submitRunResponseSchema,
  type ArtifactEntry,
  type ArtifactList,
  type CacheExplanation,
  type Decision,
  type Lineage,
  type LogPage,
  type PipelineSpec,
  type Readiness,
  type AblateRequest,
  type RerunRequest,
  type RunList,
  type RunPlanView,
  type RunRequest,
  type RunView,
  type StoredEvent,
  type SubmitRunResponse,
} from '@vitrine/contracts';
import type { z } from 'zod';
import { problemError } from './problem-error.js';
import { sending } from './sending.js';
import { parseServerSentEvents } from './server-sent-events.js';

export interface RunName {
  readonly project: string;
  readonly runId: string;
}

/** What of earlier results a run may use. */
export interface SubmitOptions {
  readonly cache?: boolean;
  /** Stages that are computed anew. */
  readonly force?: readonly string[];
}

interface ApiPlace {
  readonly url: string;
  readonly token: string | undefined;
  /** The state folder whose stack does not run. What listens at the address then is another's. */
  readonly absentFrom?: string;
}

const REQUEST_MILLISECONDS = 30_000;
const PLAN_MILLISECONDS = 90_000;
const RECONNECT = { first: 250, longest: 4_000 } as const;
/** The API sends a comment every 15 s; a stream that is silent for longer is dead. */
const SILENCE_MILLISECONDS = 45_000;

/** The HTTP API, typed by the contracts it is described with. */
export class ApiClient {
  constructor(private readonly place: ApiPlace) {}

  /** The key makes sending again harmless, so a lost answer is asked for once more. */
  async submit(
    spec: PipelineSpec,
    idempotencyKey: string,
    options: SubmitOptions = {},
  ): Promise<SubmitRunResponse> {
    const send = (): Promise<SubmitRunResponse> =>
      this.json(
        `/api/v1/runs${queryOf(options)}`,
        submitRunResponseSchema,
        sending(spec, { idempotencyKey }),
      );
    return sentAgain(send);
  }

  /** What a run would find, compute, take and wait for. Longer than other questions: results are read. */
  plan(spec: PipelineSpec, options: SubmitOptions): Promise<RunPlanView> {
    return this.json(`/api/v1/plans${queryOf(options)}`, runPlanSchema, {
      ...sending(spec),
      signal: AbortSignal.timeout(PLAN_MILLISECONDS),
    });
  }

  /** The run as it was submitted. */
  requestOf(run: RunName): Promise<RunRequest> {
    return this.json(`${pathOf(run)}/request`, runRequestSchema);
  }

  rerun(run: RunName, body: RerunRequest): Promise<SubmitRunResponse> {
    return this.json(`${pathOf(run)}/rerun`, submitRunResponseSchema, sending(body));
  }

  ablate(run: RunName, body: AblateRequest): Promise<SubmitRunResponse> {
    return this.json(`${pathOf(run)}/ablate`, submitRunResponseSchema, sending(body));
  }

  view(run: RunName, signal?: AbortSignal): Promise<RunView> {
    return this.json(pathOf(run), runViewSchema, signal ? { signal } : {});
  }

  list(query: Record<string, string>): Promise<RunList> {
    return this.json(`/api/v1/runs?${new URLSearchParams(query).toString()}`, runListSchema);
  }

  cancel(run: RunName): Promise<RunView> {
    return this.json(`${pathOf(run)}/cancel`, runViewSchema, { method: 'POST' });
  }

  decide(run: RunName, stage: string, decision: Decision): Promise<RunView> {
    return this.json(
      `${pathOf(run)}/stages/${encodeURIComponent(stage)}/approval`,
      runViewSchema,
      sending(decision),
    );
  }

  logs(run: RunName, query: Record<string, string>): Promise<LogPage> {
    return this.json(`${pathOf(run)}/logs?${new URLSearchParams(query).toString()}`, logPageSchema);
  }

  explainCache(run: RunName, stage: string): Promise<CacheExplanation> {
    const path = `${pathOf(run)}/stages/${encodeURIComponent(stage)}/cache`;
    return this.json(path, cacheExplanationSchema);
  }

  lineage(project: string, sha256: string): Promise<Lineage> {
    return this.json(`/api/v1/lineage/${encodeURIComponent(project)}/${sha256}`, lineageSchema);
  }

  artifacts(run: RunName): Promise<ArtifactList> {
    return this.json(`${pathOf(run)}/artifacts`, artifactListSchema);
  }

  /** The bytes of an output. @throws VitrineError ArtifactCorrupt when the connection broke off */
  async artifact({ path, artifact }: ArtifactEntry): Promise<Uint8Array> {
    const response = await this.request(path);
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      throw new VitrineError('ArtifactCorrupt', 'An artifact did not arrive whole.', {
        where: `${this.place.url}${path}`,
        expected: `${artifact.bytes} bytes`,
        hint: 'Try again; if it happens again, read the log of the API.',
        cause,
      });
    }
  }

  async ready(): Promise<Readiness> {
    const response = await this.send('/ready');
    return readinessSchema.parse(await response.json());
  }

  async loginLink(): Promise<string> {
    return (await this.json('/api/v1/login-links', loginLinkSchema, { method: 'POST' })).url;
  }

  /** Events after a sequence number, until the run is closed; connects again whenever the connection is lost. */
  async *events(run: RunName, after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    let last = after;
    for (
      let pause: number = RECONNECT.first;
      !signal.aborted;
      pause = Math.min(2 * pause, RECONNECT.longest)
    ) {
      try {
        for await (const { name, data } of this.stream(run, last, signal)) {
          pause = RECONNECT.first;
          if (name === 'end') return;
          const { success, data: stored } = storedEventSchema.safeParse(JSON.parse(data));
          if (!success) continue;
          last = stored.sequence;
          yield stored;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof VitrineError && !isUnavailable(error)) throw error;
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  private async *stream(run: RunName, after: number, signal: AbortSignal) {
    const silence = new AbortController();
    const watchdog = setTimeout(() => silence.abort(), SILENCE_MILLISECONDS);
    try {
      const response = await this.request(`${pathOf(run)}/events`, {
        headers: { 'last-event-id': String(after) },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (response.body) yield* parseServerSentEvents(rearming(response.body, watchdog));
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** What the API answers, checked. @throws VitrineError as it says, ApiUnavailable, Internal when it is of another version */
  async json<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
    const response = await this.request(path, { signal: AbortSignal.timeout(REQUEST_MILLISECONDS), ...init });
    const result = schema.safeParse(await response.json());
    if (result.success) return result.data;
    throw new VitrineError('Internal', 'The API answered with something else than this version expects.', {
      where: `${this.place.url}${path}`,
      expected: 'an API of the same version as this command',
      actual: result.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '),
      hint: 'Stop the stack with `vitrine down`, build the project, and start it again.',
    });
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.send(path, init);
    if (response.ok) return response;
    throw await problemError(response, `${this.place.url}${path}`);
  }

  private async send(path: string, init: RequestInit = {}): Promise<Response> {
    const { url, token, absentFrom } = this.place;
    if (absentFrom !== undefined)
      throw new VitrineError('ApiUnavailable', 'No stack of this state folder is running.', {
        where: absentFrom,
        expected: 'a running stack, or VITRINE_API_URL',
        actual: 'neither',
      });
    try {
      return await fetch(`${url}${path}`, {
        ...init,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...init.headers },
      });
    } catch (cause) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name !== 'TimeoutError')
        throw cause;
      const { code, message } = ((cause as Error).cause ?? cause) as { code?: string; message?: string };
      throw new VitrineError('ApiUnavailable', 'The API cannot be reached.', {
        where: url,
        expected: 'an API that answers',
        actual: code ?? message ?? 'no answer',
        cause,
      });
    }
  }
}

/** Whether trying again later may well help. */
export function isUnavailable(error: unknown): boolean {
  return (
    error instanceof VitrineError &&
    ['ApiUnavailable', 'TemporalUnavailable', 'StorageUnavailable'].includes(error.code)
  );
}

/** Once more when it did not get through: for what may be sent twice. */
export async function sentAgain<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    await sleep(1_000);
    return send();
  }
}

async function* rearming(
  body: AsyncIterable<Uint8Array>,
  watchdog: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    watchdog.refresh();
    yield chunk;
  }
}

function queryOf({ cache = true, force = [] }: SubmitOptions): string {
  const parameters = new URLSearchParams(force.map((stage): [string, string] => ['force', stage]));
  if (!cache) parameters.set('cache', 'off');
  const query = parameters.toString();
  return query && `?${query}`;
}

function pathOf({ project, runId }: RunName): string {
  return `/api/v1/runs/${encodeURIComponent(project)}/${encodeURIComponent(runId)}`;
}
