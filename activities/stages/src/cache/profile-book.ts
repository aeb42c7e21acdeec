import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { backendEnvironment } from '@vitrine/backend/environment';
import { describeGpus, describeProcessor } from '@vitrine/backend/processor';
import type { Environment, NativeFile } from '@vitrine/config';
import {
  NO_PROFILE,
  numericsProfileSchema,
  VitrineError,
  type NumericsChoice,
  type NumericsProfile,
  type StageJob,
  type StageKind,
  type StageParams,
} from '@vitrine/contracts';
import { canonicalJson } from '@vitrine/planning';
import { z } from 'zod';
import { commandProfile } from '../command/command-profile.js';
import { profileOn, STAGE_RUNNERS } from '../registry.js';
import { profileAnswerSchema, type ProfileAnswer } from './profile-answer.js';

export interface ProfileBookOptions {
  /** Module of the process that is asked. */
  readonly entry: string;
  /** What the pool has chosen of its numerics. */
  readonly numerics: NumericsChoice;
  /** What CUDA calls the devices of the pool. */
  readonly gpus: readonly string[];
  /** The worker's own environment. */
  readonly environment: Environment;
  readonly library: NativeFile['libtensorflow'] | undefined;
  /** Where the answer is remembered beyond the life of this worker. */
  readonly file: string;
  /** How long the process may take. */
  readonly milliseconds?: number;
}

const MILLISECONDS = 120_000;

const pageSchema = z.strictObject({ format: z.literal(1), of: z.string(), profile: numericsProfileSchema });

/**
 * What the results of a pool's stages depend on, without running one. The native library is started for it once, in a
 * process of its own; after that a file remembers the answer until the library, the machine or the pool are others.
 */
export class ProfileBook {
  private asked: Promise<NumericsProfile> | undefined;

  constructor(private readonly options: ProfileBookOptions) {}

  /** Of a job: a program computes with what it brings. @throws VitrineError as `profileOf`, and NotFound for a program's environment */
  async profileFor({ kind, params, resources }: StageJob): Promise<NumericsProfile> {
    if (kind !== 'command') return this.profileOf(kind, resources.devices);
    const environment = { ...this.options.environment, ...this.numericEnvironment() };
    return commandProfile(params as StageParams<'command'>, environment);
  }

  /** @throws VitrineError what keeps the native library from starting */
  async profileOf(kind: StageKind, devices = 1): Promise<NumericsProfile> {
    return STAGE_RUNNERS[kind].computes ? profileOn(kind, devices, await this.ofOne()) : NO_PROFILE;
  }

  private ofOne(): Promise<NumericsProfile> {
    // A failure is not remembered: somebody may mend the cause.
    this.asked ??= this.find().catch((error: unknown) => {
      this.asked = undefined;
      throw error;
    });
    return this.asked;
  }

  private async find(): Promise<NumericsProfile> {
    const of = this.fingerprint();
    const remembered = of === undefined ? undefined : this.read(of);
    if (remembered) return remembered;
    const answer = await this.ask();
    if ('error' in answer) throw VitrineError.of(answer.error);
    if (of !== undefined) this.write(of, answer.profile);
    return answer.profile;
  }

  /** Everything that the profile is read off. Without a recorded library there is none: its bytes may be any. */
  private fingerprint(): string | undefined {
    const { library, numerics, gpus, entry } = this.options;
    if (!library) return undefined;
    const program = createHash('sha256').update(readFileSync(entry)).digest('hex');
    const machine = { processor: describeProcessor(), gpus: describeGpus() };
    const facts = { library, numerics, gpus, machine, program, environment: this.numericEnvironment() };
    return createHash('sha256').update(canonicalJson(facts)).digest('hex');
  }

  private ask(): Promise<ProfileAnswer> {
    const { entry, numerics, environment, milliseconds = MILLISECONDS } = this.options;
    return new Promise((resolve, reject) => {
      const child = fork(entry, [JSON.stringify(numerics)], {
        env: { ...environment, ...this.numericEnvironment() },
        execArgv: ['--enable-source-maps'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        timeout: milliseconds,
        killSignal: 'SIGKILL',
      });
      child.once('message', (message) => {
        const parsed = profileAnswerSchema.safeParse(message);
        if (parsed.success) resolve(parsed.data);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const actual = signal ? `ended by ${signal}` : `exit code ${code}`;
        reject(
          new VitrineError('StageFailed', 'The numerics of this worker could not be asked for.', {
            where: entry,
            expected: 'an answer',
            actual,
          }),
        );
      });
    });
  }

  private numericEnvironment(): Environment {
    const { numerics, gpus } = this.options;
    return backendEnvironment({ threads: numerics.threads, visibleDevices: gpus });
  }

  private read(of: string): NumericsProfile | undefined {
    try {
      const page = pageSchema.parse(JSON.parse(readFileSync(this.options.file, 'utf8')));
      return page.of === of ? page.profile : undefined;
    } catch {
      // Not there, or not ours: it is found out and written again.
      return undefined;
    }
  }

  private write(of: string, profile: NumericsProfile): void {
    const { file } = this.options;
    const own = `${file}.${process.pid}`;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(own, JSON.stringify({ format: 1, of, profile }));
      renameSync(own, file);
    } catch {
      // A full disk costs the next worker a few seconds.
    }
  }
}
