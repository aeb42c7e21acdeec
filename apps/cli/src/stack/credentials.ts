import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { readCredentialsFile, statePaths, type CredentialsFile } from '@vitrine/config';
import { writeStateFile } from './state-file.js';

/** The keys of the local stack; made up at its first start, and kept, since what is stored was stored under them. */
export function ensureCredentials(stateDir: string): CredentialsFile {
  const path = statePaths(stateDir).credentials;
  const known = readCredentialsFile(stateDir);
  if (known) {
    chmodSync(path, 0o600);
    return known;
  }
  const made: CredentialsFile = {
    format: 1,
    s3: {
      accessKeyId: `vitrine-${randomBytes(6).toString('hex')}`,
      secretAccessKey: randomBytes(24).toString('base64url'),
    },
    apiToken: randomBytes(24).toString('base64url'),
  };
  writeStateFile(path, made);
  return made;
}
