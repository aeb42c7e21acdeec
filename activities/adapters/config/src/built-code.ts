import { join } from 'node:path';
import type { StageKind } from '@vitrine/contracts';
import { z } from 'zod';
import { localHost, type Host } from './host.js';

const builtCodeSchema = z.object({
  /** Of all stage kinds together. */
  codeVersion: z.string().min(1),
  /** Of each kind: the digest of what a stage process of that kind runs. */
  kinds: z.record(z.string(), z.string().min(1)),
});

/** The versions of the stage code, as the build wrote them. */
export interface BuiltCode {
  readonly codeVersion: string;
  readonly kinds: Readonly<Partial<Record<StageKind, string>>>;
}

/** Where the build of the stages writes its versions. */
export function builtCodePath(workspace: string): string {
  return join(workspace, 'activities/stages/dist/code-version.json');
}

/** The stage code as it is built now; undefined when nothing is built, or is being built. */
export function readBuiltCode(
  path: string,
  host: Pick<Host, 'readText'> = localHost(),
): BuiltCode | undefined {
  try {
    return builtCodeSchema.parse(JSON.parse(host.readText(path) ?? ''));
  } catch {
    return undefined;
  }
}
