import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig, readNativeFile, statePaths, type NativeFile } from '@vitrine/config';
import { SEARCH_ATTRIBUTE } from '@vitrine/contracts/names';
import type { TestProject } from 'vitest/node';
import { freePorts, startGuarded, type GuardedProcess } from './guarded-process.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real Temporal dev server, in memory. */
    temporal: { readonly address: string; readonly namespace: string };
    /** Another one, that asks workflows to go on in a new history when theirs has so many events. */
    shortHistories: { readonly address: string; readonly namespace: string; readonly events: number };
    /** A real S3 server on a temporary folder; a spec makes its own bucket. */
    s3: {
      readonly endpoint: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly forcePathStyle: boolean;
      /** Folder of the server, a sub-folder per bucket with one file per object, for tests that damage one. */
      readonly dir: string;
    };
  }
}

const NAMESPACE = 'default';
const SHORT_HISTORY = 150;

/** Starts two Temporal servers and an S3 server for all service specs, and ends them after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const native = nativeParts();
  const dir = await mkdtemp(join(tmpdir(), 'vitrine-services-'));
  const started: GuardedProcess[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const [s3Port = 0, temporalPort = 0, shortPort = 0] = await freePorts(3);
    const address = `127.0.0.1:${temporalPort}`;
    const short = `127.0.0.1:${shortPort}`;
    const keys = { accessKeyId: 'vitrine-tests', secretAccessKey: 'only-for-tests' };
    started.push(
      await startGuarded({
        command: native.s3.path,
        args: ['--port', `127.0.0.1:${s3Port}`, '--quiet', '--keep-alive', 'posix', dir],
        env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
        answers: async () => (await fetch(`http://127.0.0.1:${s3Port}/`)).status === 403,
      }),
    );
    const suggestion = `limit.historyCount.suggestContinueAsNew=${SHORT_HISTORY}`;
    for (const [port, at, more] of [
      [temporalPort, address, []],
      [shortPort, short, ['--dynamic-config-value', suggestion]],
    ] as const)
      started.push(
        await startGuarded({
          command: native.temporal.path,
          args: [...temporalArguments(port), ...more],
          env: process.env,
          answers: () => hasNamespace(native.temporal.path, at),
        }),
      );
    project.provide('temporal', { address, namespace: NAMESPACE });
    project.provide('shortHistories', { address: short, namespace: NAMESPACE, events: SHORT_HISTORY });
    project.provide('s3', {
      endpoint: `http://127.0.0.1:${s3Port}`,
      region: 'us-east-1',
      ...keys,
      forcePathStyle: true,
      dir,
    });
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}

function nativeParts(): NativeFile {
  const { stateDir } = readConfig(process.env);
  const native = readNativeFile(stateDir);
  if (!native)
    throw new Error(
      `Service specs need a Temporal and an S3 server, and ${statePaths(stateDir).native} does not exist. ` +
        'Run `npm start` or `npm test` once: their first step obtains both.',
    );
  return native;
}

function temporalArguments(port: number): string[] {
  const attributes = Object.values(SEARCH_ATTRIBUTE).flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  const place = ['--headless', '--ip', '127.0.0.1', '--port', `${port}`];
  return ['server', 'start-dev', ...place, ...attributes, '--log-level', 'error'];
}

/** The port is open before the namespace is there, so the namespace is asked for. */
async function hasNamespace(temporal: string, address: string): Promise<boolean> {
  const question = ['operator', 'namespace', 'describe', '--namespace', NAMESPACE, '--address', address];
  await promisify(execFile)(temporal, question, { timeout: 10_000 });
  return true;
}
