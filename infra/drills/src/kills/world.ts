import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readCredentialsFile, statePaths } from '@vitrine/config';
import { cacheEntrySchema } from '@vitrine/contracts';
import { LocalStack, sleep, victimOf } from '@vitrine/e2e';
import type { Kept } from './audit.js';
import type { FaultKind } from './schedule.js';
import { TcpProxy } from './tcp-proxy.js';

const run = promisify(execFile);

const BUCKET = 'kills';
/** Of the disk of the object server; all of it is filled. */
const DISK_MEGABYTES = 256;
/** Long enough for the server to give stages up whose worker it does not hear: two are at work for a while. */
const PARTITION_SECONDS = 30;
const DISK_FULL_SECONDS = 10;

export interface WorldOptions {
  readonly outageSeconds: number;
  readonly say: (line: string) => void;
}

interface Behind {
  readonly servers: LocalStack;
  readonly network: { readonly temporal: TcpProxy; readonly s3: TcpProxy };
  /** The folder of the object server's own disk. */
  readonly disk: string | undefined;
}

/** A worker and an API, and servers of another stack behind a network that can be broken. */
export class World {
  private constructor(
    readonly product: LocalStack,
    private readonly behind: Behind,
    private readonly options: WorldOptions,
  ) {}

  static async start(options: WorldOptions): Promise<World> {
    let disk: string | undefined;
    const servers = await LocalStack.up({
      env: { TEMPORAL_NAMESPACE: 'servers' },
      prepare: async (stateDir) => {
        disk = await mountDisk(statePaths(stateDir).s3Dir, options.say);
      },
    });
    const place = async (part: 'temporal' | 's3'): Promise<{ host: string; port: number }> => {
      const { temporal, s3 } = await servers.stackFile();
      const address = part === 'temporal' ? temporal?.address : s3?.endpoint.replace('http://', '');
      const [host = '', port = ''] = (address ?? '').split(':');
      return { host, port: Number(port) };
    };
    const [temporal, s3] = [await place('temporal'), await place('s3')];
    const network = { temporal: await TcpProxy.start(() => temporal), s3: await TcpProxy.start(() => s3) };
    const keys = readCredentialsFile(servers.stateDir)?.s3;
    const product = await LocalStack.up({
      config: 'pools: { default: { slots: 2, threads: 1 } }',
      env: {
        TEMPORAL_ADDRESS: network.temporal.address,
        AWS_ENDPOINT_URL_S3: `http://${network.s3.address}`,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: keys?.accessKeyId ?? '',
        AWS_SECRET_ACCESS_KEY: keys?.secretAccessKey ?? '',
        VITRINE_S3_BUCKET: BUCKET,
      },
    });
    return new World(product, { servers, network, disk }, options);
  }

  /** Resolves when it is over; whatever was killed may still be starting. */
  async strike(kind: FaultKind): Promise<void> {
    switch (kind) {
      case 'worker':
      case 'child':
        return killOne(() => victimOf(this.product, kind));
      case 'temporal':
      case 's3':
        return killOne(() => victimOf(this.behind.servers, kind));
      case 'partition':
        return during(PARTITION_SECONDS, this.behind.network.temporal, 'hole');
      case 'outage':
        return during(this.options.outageSeconds, this.behind.network.s3, 'refuse');
      case 'disk-full':
        return this.fillDisk();
    }
  }

  /** Results of a project that are kept, and since when. */
  async kept(project: string): Promise<Kept[]> {
    const folder = join(statePaths(this.behind.servers.stateDir).s3Dir, BUCKET, `p/${project}/cache/entries`);
    const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return Promise.all(
      files
        .filter((file) => file.isFile() && file.name.endsWith('.json'))
        .map(async (file) => {
          const path = join(file.parentPath, file.name);
          const { from } = cacheEntrySchema.parse(JSON.parse(await readFile(path, 'utf8')));
          return { stage: from.stage, at: (await stat(path)).mtimeMs };
        }),
    );
  }

  async stop(): Promise<void> {
    await this.product.destroy();
    await this.behind.network.temporal.close();
    await this.behind.network.s3.close();
    const { disk } = this.behind;
    if (disk !== undefined) await run('umount', ['--lazy', disk]);
    await this.behind.servers.destroy();
  }

  private async fillDisk(): Promise<void> {
    const { disk } = this.behind;
    if (disk === undefined)
      return this.options.say('disk-full is left out: the object server has no disk of its own');
    const filler = join(disk, 'filler');
    await writeFile(filler, Buffer.alloc(DISK_MEGABYTES * 2 ** 20)).catch(() => undefined);
    await sleep(DISK_FULL_SECONDS * 1000);
    await rm(filler);
  }
}

const LOOKS_FOR_A_VICTIM = 100;

/** One that lives: whoever was killed before may still be on its way back, and between two stages there is none for a while. */
async function killOne(find: () => Promise<number | undefined>): Promise<void> {
  for (let look = 0; look < LOOKS_FOR_A_VICTIM; look += 1) {
    const pid = await find();
    try {
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL');
        return;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await sleep(200);
  }
}

async function during(seconds: number, proxy: TcpProxy, mode: 'hole' | 'refuse'): Promise<void> {
  proxy.set(mode);
  await sleep(seconds * 1000);
  proxy.set('pass');
}

/** A disk that is small enough to be filled; only who may mount gets one. */
async function mountDisk(folder: string, say: (line: string) => void): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', folder]);
    return folder;
  } catch {
    say('this user may not mount a disk that can be filled');
    return undefined;
  }
}
