import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOfShape, type HostTensor, type Specs } from '@vitrine/ml-tensor';

/** A file system in memory, where a machine has one: what is written there is never written to a disk. */
const MEMORY = '/dev/shm';
/** Float32 and int32 alike. */
const BYTES = 4;

type Elements = Float32Array | Int32Array;

/**
 * Arrays by name that processes share: a file without a name, of which they hold descriptors, so that nothing is left
 * behind however they end. Messages between processes would be copied four times.
 */
export class SharedArrays {
  private readonly offsets = new Map<string, number>();

  constructor(
    readonly specs: Specs,
    /** A descriptor; a file of its own is made when it is left out. */
    readonly file: number = openUnnamed(bytesOf(specs)),
  ) {
    let offset = 0;
    for (const [name, { shape }] of Object.entries(specs)) {
      this.offsets.set(name, offset);
      offset += sizeOfShape(shape) * BYTES;
    }
  }

  write(name: string, values: Elements): void {
    let [done, at] = [0, this.offset(name)];
    while (done < values.byteLength) {
      const written = writeSync(this.file, values, done, values.byteLength - done, at);
      done += written;
      at += written;
    }
  }

  /** Elements from `first` on, as many as `into` holds. @throws RangeError when there are not so many */
  read(name: string, into: Elements, first = 0): void {
    let [done, at] = [0, this.offset(name) + first * BYTES];
    while (done < into.byteLength) {
      const got = readSync(this.file, into, done, into.byteLength - done, at);
      if (got === 0)
        throw new RangeError(`${name}: expected ${into.length} elements from ${first}, got ${done / BYTES}`);
      done += got;
      at += got;
    }
  }

  /** The array of a name, or a part of it along its first axis. */
  readTensor(name: string, rows?: { readonly first: number; readonly count: number }): HostTensor {
    const { dtype, shape } = this.specs[name] as Specs[string];
    const [all = 1, ...rest] = shape;
    const { first, count } = rows ?? { first: 0, count: all };
    const stride = sizeOfShape(rest);
    const elements = shape.length === 0 ? 1 : count * stride;
    const data = dtype === 'int32' ? new Int32Array(elements) : new Float32Array(elements);
    this.read(name, data, first * stride);
    return { dtype, shape: shape.length === 0 ? [] : [count, ...rest], data };
  }

  close(): void {
    closeSync(this.file);
  }

  private offset(name: string): number {
    const offset = this.offsets.get(name);
    if (offset === undefined) throw new RangeError(`no array is called ${name}`);
    return offset;
  }
}

const bytesOf = (specs: Specs): number =>
  Object.values(specs).reduce((sum, { shape }) => sum + sizeOfShape(shape) * BYTES, 0);

function openUnnamed(bytes: number): number {
  const folder = mkdtempSync(join(hasRoom(bytes) ? MEMORY : tmpdir(), 'vitrine-arrays-'));
  try {
    const file = openSync(join(folder, 'arrays'), 'wx+');
    ftruncateSync(file, bytes);
    return file;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Containers often have 64 MiB of it, and a write for which there is no room fails. */
function hasRoom(bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > 2 * bytes;
  } catch {
    return false;
  }
}
