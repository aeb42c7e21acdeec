import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VitrineError } from '@vitrine/contracts';

/** What the build made for the worker. */
export interface BuiltParts {
  readonly workflowBundle: string;
  readonly stageEntry: string;
  /** The program that says what a stage process's results depend on. */
  readonly profileEntry: string;
  /** Digest of the stage code as it lies on disk now, which plans are pinned to; undefined while it is being built. */
  readonly codeVersion: () => string | undefined;
}

/** @throws VitrineError InvalidConfig naming what is not built */
export function findBuiltParts(root: URL = new URL('../../../', import.meta.url)): BuiltParts {
  const path = (relative: string): string => {
    const absolute = fileURLToPath(new URL(relative, root));
    if (existsSync(absolute)) return absolute;
    throw new VitrineError('InvalidConfig', 'A part of the worker is not built.', {
      where: absolute,
      expected: 'a file that the build makes',
      actual: 'no such file',
      hint: 'Build the project with `npm run build`.',
    });
  };
  const versionFile = path('activities/stages/dist/code-version.json');
  return {
    workflowBundle: path('workflows/pipelines/dist/workflow-bundle.js'),
    stageEntry: path('activities/stages/dist/job-entry.mjs'),
    profileEntry: path('activities/stages/dist/profile-entry.mjs'),
    codeVersion: () => readCodeVersion(versionFile),
  };
}

/** Read anew for each attempt: stage processes run what is on disk, also when that is newer than the worker. */
function readCodeVersion(path: string): string | undefined {
  try {
    const { codeVersion } = JSON.parse(readFileSync(path, 'utf8')) as { codeVersion?: unknown };
    return typeof codeVersion === 'string' && codeVersion !== '' ? codeVersion : undefined;
  } catch {
    return undefined;
  }
}
