import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { createS3Client, ensureBucket } from '@vitrine/artifact-store';
import {
  DEFAULT_API_PORT,
  processIdentity,
  readNativeFile,
  statePaths,
  type Environment,
  type NativeFile,
  type ProcessIdentity,
  type StackFile,
  type VitrineConfig,
} from '@vitrine/config';
import { VitrineError } from '@vitrine/contracts';
import { builtProgramsVersion } from './code-version.js';
import { ensureCredentials } from './credentials.js';
import {
  addressesOf,
  apiLaunch,
  s3Launch,
  temporalLaunch,
  workerLaunch,
  type LaunchFacts,
} from './launches.js';
import { takeLock, type SupervisorLock } from './lock.js';
import { grafanaLaunch, prometheusLaunch, requirePrometheus } from './monitoring-launches.js';
import { ManagedProcess, type Launch } from './managed-process.js';
import { PortBook } from './port-book.js';
import { ProcessList, STOP_ORDER, endLeftovers, type PartName } from './process-list.js';
import { chooseSidecar } from './sidecar.js';
import { writeStateFile } from './state-file.js';

/** When to stop, and when to stop waiting for it. */
export interface StopSignals {
  /** Everything is stopped in order. */
  readonly signal: AbortSignal;
  /** Everything is killed: what was not saved is done again at the next start. */
  readonly force: AbortSignal;
}

export interface SupervisorOptions extends StopSignals {
  readonly config: VitrineConfig;
  readonly env: Environment;
  /** Also Prometheus, and Grafana where there is one. */
  readonly monitoring: boolean;
  /** A line for the log of the supervisor. */
  readonly note: (line: string) => void;
  /** What is being started, for people. */
  readonly tell: (progress: StartProgress) => void;
}

export interface StartProgress {
  readonly part: PartName;
  readonly state: 'starting' | 'up' | 'stopped' | 'leftover' | 'absent';
  /** Where it answers; of one that is absent, why. */
  readonly address?: string;
}

/** Starts the parts of the local stack, keeps them running, and stops them in order. One per state folder. */
export class Supervisor {
  private readonly parts = new Map<PartName, ManagedProcess>();
  private readonly list: ProcessList;
  private readonly ports: PortBook;
  private stack: StackFile;
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly options: SupervisorOptions,
    private readonly lock: SupervisorLock,
    self: ProcessIdentity,
  ) {
    const { stateDir } = options.config;
    this.list = new ProcessList(stateDir);
    this.ports = new PortBook(stateDir);
    const programs = builtProgramsVersion(options.config.workspace);
    this.stack = {
      format: 1,
      supervisor: self,
      workers: [],
      ...(programs !== undefined && { programs }),
    };
  }

  /**
   * Brings the whole stack up. When a part does not start, what was started is stopped again.
   * @returns the supervisor, or who supervises this state folder already
   * @throws VitrineError naming the part and its log
   */
  static async start(options: SupervisorOptions): Promise<Supervisor | { readonly holder: ProcessIdentity }> {
    const native = requireNative(options.config.stateDir);
    const self = processIdentity(process.pid);
    if (!self) throw new VitrineError('Internal', 'This process cannot tell when it began.');
    if (options.monitoring) requirePrometheus(native, options.config.stateDir);
    const lock = takeLock(options.config.stateDir);
    if ('holder' in lock) return lock;
    const supervisor = new Supervisor(options, lock, self);
    options.signal.addEventListener('abort', () => void supervisor.stop());
    options.force.addEventListener('abort', () => supervisor.kill());
    try {
      await supervisor.bringUp(native);
      return supervisor;
    } catch (error) {
      // What fails because it is being stopped is not what went wrong.
      const interrupted = supervisor.stopped !== undefined;
      await supervisor.stop();
      throw interrupted ? interruptedStart() : error;
    }
  }

  /** Stops every part in order, then forgets the stack. May be called again; all calls wait for the one end. */
  stop(): Promise<void> {
    this.stopped ??= this.bringDown();
    return this.stopped;
  }

  private kill(): void {
    for (const part of this.parts.values()) part.kill();
  }

  private async bringUp(native: NativeFile): Promise<void> {
    const { config, env, note, tell } = this.options;
    await endLeftovers(this.list, (entry) => {
      note(`${entry.name}, process ${entry.pid}, was left behind by a supervisor that is gone; it is ended`);
      tell({ part: entry.name, state: 'leftover' });
    });
    this.save();
    const credentials = ensureCredentials(config.stateDir);
    const sidecar = await chooseSidecar(config.stateDir, note);
    const facts: LaunchFacts = {
      config,
      env,
      native,
      credentials,
      ports: await this.ports.choose(
        { worker: config.metricsPort, ...(config.api.port !== DEFAULT_API_PORT && { api: config.api.port }) },
        { api: config.api.port },
      ),
      ...(sidecar !== undefined && { sidecar }),
    };
    await this.startTogether([
      ...(config.s3.named ? [] : [() => s3Launch(facts)]),
      ...(config.temporal.named ? [] : [() => temporalLaunch(facts)]),
    ]);
    await this.makeBucket(facts);
    await this.startTogether([() => apiLaunch(facts), () => workerLaunch(facts)]);
    if (this.options.monitoring) await this.startMonitoring(facts);
  }

  private async startMonitoring(facts: LaunchFacts): Promise<void> {
    await this.startTogether([() => prometheusLaunch(facts)]);
    const grafana = await grafanaLaunch(facts);
    if (typeof grafana !== 'string') await this.startTogether([() => grafana]);
    else this.options.tell({ part: 'grafana', state: 'absent', address: grafana });
  }

  private async startTogether(launches: readonly (() => Launch)[]): Promise<void> {
    // The first failure is told at once; stopping ends the others while they still start.
    await Promise.all(launches.map((launch) => this.startPart(launch)));
  }

  private async startPart(makeLaunch: () => Launch): Promise<void> {
    if (this.stopped) throw interruptedStart();
    const launch = makeLaunch();
    this.options.tell({ part: launch.name, state: 'starting' });
    const part = new ManagedProcess(launch, {
      list: this.list,
      logsDir: statePaths(this.options.config.stateDir).logsDir,
      note: this.options.note,
      onUp: (name, identity) => this.recordUp(name, identity),
    });
    this.parts.set(launch.name, part);
    await part.start();
  }

  private recordUp(name: PartName, identity: ProcessIdentity): void {
    const addresses = addressesOf({ config: this.options.config, ports: this.ports.chosen });
    const entry = {
      s3: { s3: { ...identity, ...addresses.s3 } },
      temporal: { temporal: { ...identity, ...addresses.temporal } },
      api: { api: { ...identity, ...addresses.api } },
      worker: { workers: [{ ...identity, ...addresses.worker }] },
      prometheus: { prometheus: { ...identity, ...addresses.prometheus } },
      grafana: { grafana: { ...identity, ...addresses.grafana } },
    }[name];
    this.stack = { ...this.stack, ...entry };
    this.save();
    const shown = {
      s3: addresses.s3.endpoint,
      temporal: [addresses.temporal.address, addresses.temporal.uiUrl ?? []].flat().join(', page '),
      api: addresses.api.url,
      worker: `metrics ${addresses.worker.metricsUrl}`,
      prometheus: addresses.prometheus.url,
      grafana: addresses.grafana.url,
    };
    this.options.tell({ part: name, state: 'up', address: shown[name] });
  }

  private async makeBucket({ config, credentials, ports }: LaunchFacts): Promise<void> {
    const { bucket, ...s3 } = config.s3;
    const { endpoint } = addressesOf({ config, ports }).s3;
    const keys = config.s3.named
      ? {}
      : { endpoint, ...credentials.s3, sessionToken: undefined, forcePathStyle: true };
    const client = createS3Client({ ...s3, ...keys });
    try {
      await ensureBucket(client, bucket);
    } finally {
      client.destroy();
    }
  }

  private async bringDown(): Promise<void> {
    const { note, tell, config } = this.options;
    for (const name of STOP_ORDER) {
      const part = this.parts.get(name);
      if (!part) continue;
      await part.stop();
      note(`${name} has ended`);
      tell({ part: name, state: 'stopped' });
    }
    rmSync(statePaths(config.stateDir).stack, { force: true });
    this.lock.release();
  }

  private save(): void {
    writeStateFile(join(statePaths(this.options.config.stateDir).stack), this.stack);
  }
}

export function interruptedStart(): VitrineError {
  return new VitrineError(
    'Cancelled',
    'The start of the stack was interrupted; what had been started has ended.',
    {
      hint: 'Start it again with `npx vitrine up`.',
    },
  );
}

function requireNative(stateDir: string): NativeFile {
  const native = readNativeFile(stateDir);
  if (native) return native;
  throw new VitrineError('InvalidConfig', 'The native parts of the stack are not set up.', {
    where: statePaths(stateDir).native,
    expected: 'the file that the setup writes',
    actual: 'no such file',
    hint: 'Set them up with `npm start -- --setup-only`.',
  });
}
