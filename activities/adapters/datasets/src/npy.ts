/**
 * Arrays as NumPy writes them with `np.save`: NEP 1, versions 1 to 3 of the format. Bytes and whole numbers, in the order of C.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { VitrineError } from '@vitrine/contracts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const LONGEST_HEADER = 65_536;

/** Bytes of one entry. */
const WIDTHS: Readonly<Record<string, number>> = { '|u1': 1, '<u1': 1, '|i1': 1, '<i4': 4, '<i8': 8 };

interface Layout {
  readonly shape: readonly number[];
  /** As NumPy writes it. */
  readonly type: string;
  /** Of the first entry in the file. */
  readonly start: number;
}

/** An array on disk, of which parts can be read. */
export class NpyFile {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    private readonly layout: Layout,
  ) {}

  /** Reads with the array open, and closes it. @throws VitrineError DatasetMissing, DatasetCorrupt naming file and fault */
  static async with<T>(path: string, use: (array: NpyFile) => Promise<T>): Promise<T> {
    const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
      const absent = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
      throw new VitrineError(
        absent ? 'DatasetMissing' : 'DatasetCorrupt',
        absent ? 'A data set is not on this machine.' : 'A file of a data set cannot be read.',
        {
          where: path,
          expected: 'an array of NumPy',
          actual: absent ? 'no such file' : (cause.code ?? ''),
          cause,
        },
      );
    });
    try {
      return await use(await NpyFile.of(path, file));
    } finally {
      await file.close();
    }
  }

  private static async of(path: string, file: FileHandle): Promise<NpyFile> {
    const head = Buffer.alloc(12);
    await file.read(head, 0, head.length, 0);
    const version = head[6] ?? 0;
    if (!head.subarray(0, 6).equals(MAGIC) || version < 1 || version > 3)
      throw corrupt(path, 'a file that begins as np.save writes it', head.subarray(0, 8).toString('hex'));
    const [start, length] = version === 1 ? [10, head.readUInt16LE(8)] : [12, head.readUInt32LE(8)];
    if (length > LONGEST_HEADER)
      throw corrupt(path, `a header of at most ${LONGEST_HEADER} bytes`, `${length}`);
    const header = Buffer.alloc(length);
    await file.read(header, 0, length, start);
    const text = header.toString('latin1');
    const [, type = ''] = /'descr': *'([^']*)'/.exec(text) ?? [];
    const [, dimensions] = /'shape': *\(([^)]*)\)/.exec(text) ?? [];
    if (!/'fortran_order': *False/.test(text) || dimensions === undefined || WIDTHS[type] === undefined)
      throw corrupt(
        path,
        `entries of ${Object.keys(WIDTHS).join(', ')} in the order of C`,
        text.trim().slice(0, 200),
      );
    const shape = dimensions.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
    const array = new NpyFile(path, file, { shape, type, start: start + length });
    const expected = array.layout.start + array.rows * array.rowBytes;
    const { size } = await file.stat();
    if (size !== expected)
      throw corrupt(path, `${expected} bytes for shape ${shape.join(' × ')}`, `${size} bytes`);
    return array;
  }

  get rows(): number {
    return this.layout.shape[0] ?? 0;
  }

  /** The bytes of some rows. */
  async bytes(first: number, count: number): Promise<Buffer> {
    const wanted = Buffer.alloc(count * this.rowBytes);
    for (let done = 0; done < wanted.length;) {
      const at = this.layout.start + first * this.rowBytes + done;
      const { bytesRead } = await this.file.read(wanted, done, wanted.length - done, at);
      if (bytesRead === 0) throw corrupt(this.path, `bytes at ${at}`, 'the end of the file');
      done += bytesRead;
    }
    return wanted;
  }

  /** All entries as numbers, of an array that is small. */
  async numbers(): Promise<number[]> {
    const bytes = await this.bytes(0, this.rows);
    const width = WIDTHS[this.layout.type] ?? 1;
    return Array.from({ length: bytes.length / width }, (_, at) =>
      width === 8
        ? Number(bytes.readBigInt64LE(8 * at))
        : width === 4
          ? bytes.readInt32LE(4 * at)
          : (bytes[at] ?? 0),
    );
  }

  /** @throws VitrineError DatasetCorrupt unless it is of whole bytes and of this shape */
  demandBytes(expected: readonly number[]): void {
    if (WIDTHS[this.layout.type] === 1 && expected.join() === this.layout.shape.join()) return;
    throw corrupt(
      this.path,
      `bytes of shape ${expected.join(' × ')}`,
      `${this.layout.type} of ${this.layout.shape.join(' × ')}`,
    );
  }

  private get rowBytes(): number {
    return this.layout.shape.slice(1).reduce((size, one) => size * one, WIDTHS[this.layout.type] ?? 1);
  }
}

export function corrupt(where: string, expected: string, actual: string): VitrineError {
  return new VitrineError('DatasetCorrupt', 'A file of a data set is not what it should be.', {
    ...{ where, expected, actual },
    hint: 'Fetch the file again from its authors.',
  });
}
