import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { readNativeFile, readStackFile, isRunning, statePaths, type VitrineConfig } from '@vitrine/config';
import { createDatasets } from '@vitrine/datasets';
import { formatBytes } from '../progress/format.js';
import { choosePort, isPortFree } from '../stack/ports.js';
import { attributeSupport } from '../stack/sidecar.js';
import type { Finding } from './check.js';

const GB = 1e9;
/** A quick run writes some hundred MB; below this, checkpoints of a small model soon fail. */
const DISK = { broken: 0.5 * GB, note: 5 * GB } as const;
/** TensorFlow, Temporal and three Node processes. */
const MEMORY = { broken: 1 * GB, note: 3 * GB } as const;

export async function checkDisk({ stateDir, dataDir }: VitrineConfig): Promise<Finding[]> {
  const places = [...new Set([stateDir, dataDir])];
  return Promise.all(places.map(freeSpace));
}

async function freeSpace(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(nearestFolder(path));
  const free = bavail * bsize;
  return limited({
    name: `free space for ${path}`,
    free,
    limits: DISK,
    fix: 'Free space, or choose another disk with VITRINE_STATE_DIR and VITRINE_DATA_DIR.',
  });
}

function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}

export async function checkMemory(): Promise<Finding[]> {
  return [
    limited({
      name: 'free memory',
      free: await availableMemory(),
      limits: MEMORY,
      fix: 'End other programs, or lower the batch size and the slots of the pool.',
    }),
  ];
}

/** What programs can have without swapping: the kernel's own estimate, and the limit of a container where there is one. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(text) ?? [];
  const free = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(free, limit) : free;
}

interface Limited {
  readonly name: string;
  readonly free: number;
  readonly limits: { readonly broken: number; readonly note: number };
  readonly fix: string;
}

function limited({ name, free, limits, fix }: Limited): Finding {
  const found = formatBytes(free);
  if (free >= limits.note) return { name, verdict: 'ok', found };
  const verdict = free < limits.broken ? 'broken' : 'note';
  return { name, verdict, found, expected: `${formatBytes(limits.note)} or more`, fix };
}

export async function checkNativeParts({ stateDir }: VitrineConfig): Promise<Finding[]> {
  const fix = 'Set them up with `npm start -- --setup-only`.';
  const native = readNativeFile(stateDir);
  if (!native) {
    const where = statePaths(stateDir).native;
    return [
      {
        name: 'native parts',
        verdict: 'broken',
        found: `no ${where}`,
        expected: 'a set-up that has run',
        fix,
      },
    ];
  }
  const servers = await Promise.all(
    (['temporal', 's3'] as const).map(async (name): Promise<Finding> => {
      const { path, version, source } = native[name];
      const runs = await promisify(execFile)(path, ['--version'], { timeout: 20_000 }).then(
        () => true,
        () => false,
      );
      const found = `${version} (${source}) ${path}`;
      if (runs) return { name: `native part ${name}`, verdict: 'ok', found };
      return { name: `native part ${name}`, verdict: 'broken', found, expected: 'a program that runs', fix };
    }),
  );
  const { dir, version, device, source } = native.libtensorflow;
  const library: Finding = {
    name: 'native part libtensorflow',
    verdict: existsSync(dir) ? 'ok' : 'broken',
    found: `${version} for ${device} (${source}) ${dir}`,
    ...(!existsSync(dir) && { expected: 'a folder that is there', fix }),
  };
  return [...servers, library];
}

export async function checkPorts({ stateDir }: VitrineConfig): Promise<Finding[]> {
  const stack = readStackFile(stateDir);
  if (stack && isRunning(stack.supervisor))
    return [{ name: 'ports', verdict: 'ok', found: `the stack runs, ${stack.api?.url ?? 'still starting'}` }];
  const port = await choosePort([], { isFree: isPortFree, random: Math.random });
  return [{ name: 'ports', verdict: 'ok', found: `free ones on the loopback interface, such as ${port}` }];
}

export async function checkAttributes({ stateDir }: VitrineConfig): Promise<Finding[]> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const name = `extended attributes in ${stateDir}`;
  const support = await attributeSupport(stateDir);
  if (support === 'yes') return [{ name, verdict: 'ok', found: 'supported' }];
  return [
    {
      name,
      verdict: 'note',
      found: support === 'no' ? 'not supported' : 'could not be found out without python3',
      expected: 'a file system that holds them',
      fix: 'Nothing has to be done: the S3 server keeps them in a folder beside, a little slower. VITRINE_STATE_DIR chooses another place.',
    },
  ];
}

export async function checkSample({ dataDir, sampleDir }: VitrineConfig): Promise<Finding[]> {
  const set = await createDatasets({ dataDir, sampleDir }).load('cifar10-sample', 'test');
  return [{ name: 'data sample', verdict: 'ok', found: `${set.count} test images, digest as committed` }];
}
