import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentialsFileSchema, stackFileSchema, type StackFile } from '@vitrine/config';
import {
  runViewSchema,
  storedEventSchema,
  submitRunResponseSchema,
  type RunEvent,
  type RunView,
  type StoredEvent,
} from '@vitrine/contracts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const executable = join(workspace, 'apps/cli/bin/vitrine.mjs');
const run = promisify(execFile);

export interface RunHandle {
  readonly project: string;
  readonly runId: string;
}

export interface LocalStackOptions {
  /** Text of its `vitrine.yaml`. */
  readonly config?: string;
  /** What it and its parts are told besides: servers that are not its own, for instance. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of `vitrine up`. */
  readonly flags?: readonly string[];
  /** Called with the state folder before anything starts. */
  readonly prepare?: (stateDir: string) => Promise<void>;
}

/** The product's own local stack in a state folder of its own, driven by the command line and HTTP as a user would. */
export class LocalStack {
  private constructor(
    readonly stateDir: string,
    private readonly token: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Brings a stack up in a fresh folder. Always pair with `destroy`. */
  static async up({ config, env = {}, flags = [], prepare }: LocalStackOptions = {}): Promise<LocalStack> {
    const stateDir = await mkdtemp(join(tmpdir(), 'vitrine-e2e-'));
    await mkdir(stateDir, { recursive: true });
    await copyFile(join(workspace, '.vitrine/native.json'), join(stateDir, 'native.json'));
    if (config !== undefined) await writeFile(configOf(stateDir), config);
    await prepare?.(stateDir);
    await vitrine(stateDir, env, ['up', ...flags]);
    const credentials = credentialsFileSchema.parse(
      JSON.parse(await readFile(join(stateDir, 'credentials.json'), 'utf8')),
    );
    return new LocalStack(stateDir, credentials.apiToken, env);
  }

  /** Runs `vitrine <args>` against this stack and returns what it printed. */
  async vitrine(...args: string[]): Promise<string> {
    return vitrine(this.stateDir, this.env, args);
  }

  async stackFile(): Promise<StackFile> {
    return stackFileSchema.parse(JSON.parse(await readFile(join(this.stateDir, 'stack.json'), 'utf8')));
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { api } = await this.stackFile();
    if (!api) throw new TypeError('the API is not up'); // As fetch itself says it, so that callers wait for it.
    const headers = { authorization: `Bearer ${this.token}`, ...init.headers };
    return fetch(`${api.url}${path}`, { ...init, headers });
  }

  async submit(spec: unknown): Promise<RunHandle> {
    const response = await this.fetch('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`submit answered ${response.status}: ${JSON.stringify(body)}`);
    return submitRunResponseSchema.parse(body);
  }

  async view({ project, runId }: RunHandle): Promise<RunView> {
    const response = await this.fetch(`/api/v1/runs/${project}/${runId}`);
    if (!response.ok) throw new Error(`view answered ${response.status}: ${await response.text()}`);
    return runViewSchema.parse(await response.json());
  }

  /** Events from the first one on, until the run is closed. Survives restarts of the API. */
  async *events({ project, runId }: RunHandle): AsyncGenerator<StoredEvent> {
    let last = 0;
    for (;;) {
      try {
        const response = await this.fetch(`/api/v1/runs/${project}/${runId}/events`, {
          headers: { 'last-event-id': String(last) },
        });
        if (response.body === null) throw new Error(`events answered ${response.status} without a body`);
        for await (const stored of serverSentEvents(response.body)) {
          last = stored.sequence;
          yield stored;
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      if ((await this.viewOrUndefined({ project, runId }))?.status !== 'running') return;
      await sleep(250);
    }
  }

  /**
   * The first event that fits. What a stage says last may be stored a moment after its run has ended, so the events of a
   * closed run are read again until it is there.
   */
  async seen(handle: RunHandle, fits: (event: RunEvent) => boolean): Promise<RunEvent> {
    for (;;) {
      for await (const { event } of this.events(handle)) if (fits(event)) return event;
      await sleep(250);
    }
  }

  /** Resolves with the closed run; rejects with its last view after the deadline. */
  async end(handle: RunHandle, deadlineMilliseconds = 300_000): Promise<RunView> {
    const deadline = Date.now() + deadlineMilliseconds;
    for (;;) {
      const view = await this.viewOrUndefined(handle);
      if (view && view.status !== 'running') return view;
      if (Date.now() > deadline) throw new Error(`the run did not end in time: ${JSON.stringify(view)}`);
      await sleep(200);
    }
  }

  async destroy(): Promise<void> {
    await this.vitrine('down');
    await rm(this.stateDir, { recursive: true, force: true });
  }

  /** As `view`, but undefined while a killed part of the stack is coming back. */
  private async viewOrUndefined(handle: RunHandle): Promise<RunView | undefined> {
    try {
      return await this.view(handle);
    } catch {
      return undefined;
    }
  }
}

export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function configOf(stateDir: string): string {
  return join(stateDir, 'vitrine.yaml');
}

async function vitrine(
  stateDir: string,
  more: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const env = {
    ...process.env,
    ...more,
    VITRINE_STATE_DIR: stateDir,
    CI: 'true',
    ...(existsSync(configOf(stateDir)) && { VITRINE_CONFIG: configOf(stateDir) }),
  };
  const { stdout } = await run(process.execPath, [executable, ...args], {
    cwd: workspace,
    env,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StoredEvent> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
      const parsed = data === '' ? undefined : storedEventSchema.safeParse(JSON.parse(data));
      if (parsed?.success) yield parsed.data;
    }
  }
}
