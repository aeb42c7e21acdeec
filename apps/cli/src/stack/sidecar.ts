import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Sets an extended attribute as the S3 server does, and reads it back. */
const PROBE = `
import os, sys, tempfile
with tempfile.NamedTemporaryFile(dir=sys.argv[1]) as file:
    os.setxattr(file.name, "user.vitrine", b"1")
    sys.exit(0 if os.getxattr(file.name, "user.vitrine") == b"1" else 3)
`;

export type AttributeSupport = 'yes' | 'no' | 'unknown';

/** Whether the file system of a folder holds extended attributes. Node has no call for it, so Python is asked. */
export async function attributeSupport(folder: string): Promise<AttributeSupport> {
  try {
    await promisify(execFile)('python3', ['-c', PROBE, folder], { timeout: 10_000 });
    return 'yes';
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    return code === 3 || /Errno (95|45|102)\b|not supported/i.test(stderr ?? '') ? 'no' : 'unknown';
  }
}

/**
 * The folder in which the S3 server keeps what belongs into extended attributes, where the file system has none. Decided at
 * the first start and kept: objects stored one way are not found the other way.
 */
export async function chooseSidecar(
  stateDir: string,
  note: (line: string) => void,
): Promise<string | undefined> {
  // Not named after the folder itself: the server takes whatever begins with its path for a part of it.
  const sidecar = join(stateDir, 'attributes-of-s3');
  if (existsSync(sidecar)) return sidecar;
  if (existsSync(join(stateDir, 's3')) || (await attributeSupport(stateDir)) !== 'no') return undefined;
  mkdirSync(sidecar, { mode: 0o700 });
  note(`${stateDir} has no extended attributes: the S3 server keeps them in ${sidecar}`);
  return sidecar;
}
