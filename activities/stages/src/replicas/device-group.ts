import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Environment } from '@vitrine/config';
import { VitrineError, type NumericsProfile } from '@vitrine/contracts';
import type { BatchBuffers } from '@vitrine/ml-data';
import { sizeOfShape, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { sharedSpecs, sumSpecs } from '@vitrine/ml-training';
import { batchInputs } from './accumulate-parts.js';
import type { FromReplica, SpreadPlan, ToReplica } from './messages.js';
import { SharedArrays } from './shared-arrays.js';

export interface DeviceGroupOptions {
  readonly plan: SpreadPlan;
  /** Of the stage's own device: the others must compute as it does. */
  readonly profile: NumericsProfile;
  /** Of a process for each further device. */
  readonly environments: readonly Environment[];
}

export interface SpreadStep {
  /** Under the names of the state. */
  readonly parameters: StateDict;
  readonly batch: BatchBuffers;
  readonly noise: HostTensor | undefined;
  readonly factors: Float32Array;
}

export interface DeviceShare {
  readonly losses: readonly number[];
  /** Sums over the images of the device, under the names of the state. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/**
 * The further devices of a stage, each in a process of its own: with its own threads it computes what it would compute
 * alone, and CUDA shows it one GPU. Every step hands it the parameters, so it has no state that could differ or be lost.
 */
export class DeviceGroup {
  private readonly shared: SharedArrays;
  private readonly replicas: readonly Replica[];

  constructor({ plan, profile, environments }: DeviceGroupOptions) {
    this.shared = new SharedArrays(sharedSpecs(plan));
    this.replicas = environments.map(
      (environment, index) =>
        new Replica({ plan, profile, environment, device: index + 1, shared: this.shared }),
    );
  }

  /** Resolves when every process can take a step. @throws VitrineError what keeps one from it */
  async ready(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.ready));
  }

  /** Hands the step out; the devices compute while the caller does. */
  begin({ parameters, batch, noise, factors }: SpreadStep): Promise<readonly DeviceShare[]> {
    for (const [name, { data }] of Object.entries(parameters)) this.shared.write(name, data);
    if (noise) this.shared.write('noise', noise.data);
    for (const [name, elements] of Object.entries(batchInputs(batch)))
      this.shared.write(name, elements as Float32Array | Int32Array);
    const [onLoss = 1, onGradient = 1] = factors;
    const request = { type: 'step', noise: noise !== undefined, factors: [onLoss, onGradient] } as const;
    // In the order of the devices, whichever is done first: sums depend on it.
    const shares = Promise.all(this.replicas.map((replica) => replica.step(request)));
    // Until the caller has computed its own share nobody listens; a failure is thrown then.
    shares.catch(() => undefined);
    return shares;
  }

  close(): void {
    this.replicas.forEach((replica) => replica.close());
    this.shared.close();
  }
}

interface ReplicaOptions extends Omit<DeviceGroupOptions, 'environments'> {
  readonly environment: Environment;
  readonly device: number;
  readonly shared: SharedArrays;
}

class Replica {
  readonly ready: Promise<void>;
  private readonly child: ChildProcess;
  private readonly arrays: SharedArrays;
  private readonly buffers: DeviceShare['gradients'];
  private waiting: { resolve: (message: FromReplica) => void; reject: (error: Error) => void } | undefined;
  private failure: VitrineError | undefined;

  constructor(private readonly options: ReplicaOptions) {
    const { plan, profile, environment, device, shared } = options;
    this.arrays = new SharedArrays(sumSpecs(plan));
    this.buffers = Object.fromEntries(
      Object.entries(this.arrays.specs).map(([name, { shape }]) => [
        name,
        new Float32Array(sizeOfShape(shape)),
      ]),
    );
    this.child = fork(replicaPath(), [], {
      env: { ...environment },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', shared.file, this.arrays.file],
    });
    this.child.on('message', (message: FromReplica) => this.waiting?.resolve(message));
    this.child.once('error', (error) => this.fail(error.message));
    this.child.once('exit', (code, signal) =>
      this.fail(signal ? `ended by ${signal}` : `exit code ${code}`, signal !== null),
    );
    const { threads, precision, execution } = profile;
    this.ready = this.ask({ type: 'start', plan, device, numerics: { threads, precision, execution } }).then(
      (answer) => {
        if (answer.type === 'ready') this.refuseOther(answer.profile);
      },
    );
    // Heard when the first step waits for it.
    this.ready.catch(() => undefined);
  }

  async step(request: Extract<ToReplica, { type: 'step' }>): Promise<DeviceShare> {
    const answer = await this.ask(request);
    for (const [name, into] of Object.entries(this.buffers)) this.arrays.read(name, into);
    return { losses: answer.type === 'stepped' ? answer.losses : [], gradients: this.buffers };
  }

  close(): void {
    this.failure ??= new VitrineError('StageFailed', 'The further devices were given back.', {});
    // It holds nothing of value, and may be computing.
    this.child.kill('SIGKILL');
    this.arrays.close();
  }

  private async ask(message: ToReplica): Promise<FromReplica> {
    const answer = await new Promise<FromReplica>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.waiting = { resolve, reject };
      this.child.send(message, (error) => {
        if (error) this.fail(error.message);
      });
    });
    if (answer.type !== 'error') return answer;
    const { where } = answer.error;
    throw VitrineError.of({ ...answer.error, where: [this.where(), ...(where ? [where] : [])].join(', ') });
  }

  /** The first failure stays: what follows from it says less. */
  private fail(actual: string, killed = false): void {
    this.failure ??= new VitrineError(
      killed ? 'ChildKilled' : 'StageFailed',
      'The process of a further device of the stage ended.',
      { where: this.where(), expected: 'gradients of its images', actual },
    );
    this.waiting?.reject(this.failure);
  }

  private refuseOther(profile: NumericsProfile): void {
    const own = this.options.profile;
    if (profile.device === own.device && profile.build === own.build) return;
    throw new VitrineError('NumericsMismatch', 'The devices of the stage do not compute alike.', {
      where: this.where(),
      expected: `${own.device}, ${own.build}`,
      actual: `${profile.device}, ${profile.build}`,
      hint: 'Put devices of one kind into the pool.',
    });
  }

  private where(): string {
    const { plan, device } = this.options;
    return `device ${device + 1} of ${plan.devices}`;
  }
}

/** Bundled, this code lies in `dist` beside the program; from source, `dist` is two folders up. */
function replicaPath(): URL {
  const places = ['./replica-entry.mjs', '../../dist/replica-entry.mjs'].map(
    (path) => new URL(path, import.meta.url),
  );
  const found = places.find((url) => existsSync(url));
  if (found) return found;
  throw new VitrineError('Internal', 'The program of further devices is missing.', {
    where: places.map(({ pathname }) => pathname).join(' or '),
    hint: 'Build it with `npm run build`.',
  });
}
