import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtCodePath, readBuiltCode, type BuiltCode } from '@vitrine/config';
import { VitrineError, type StageKind } from '@vitrine/contracts';

/** What the build made for the worker. */
export interface BuiltParts {
  readonly workflowBundle: string;
  readonly stageEntry: string;
  /** The program that says what a stage process's results depend on. */
  readonly profileEntry: string;
  /** Digest of a kind's code as it lies on disk now, which plans are pinned to; undefined while it is being built. */
  readonly codeVersion: (kind: StageKind) => string | undefined;
  /** The same of all kinds, to plan by. @throws VitrineError CodeVersionMismatch while it is being built */
  readonly plannedBy: () => BuiltCode;
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
  const versions = path(builtCodePath(''));
  return {
    workflowBundle: path('workflows/pipelines/dist/workflow-bundle.js'),
    stageEntry: path('activities/stages/dist/job-entry.mjs'),
    profileEntry: path('activities/stages/dist/profile-entry.mjs'),
    // Read anew for each attempt: stage processes run what is on disk, also when that is newer than the worker.
    codeVersion: (kind) => readBuiltCode(versions)?.kinds[kind],
    plannedBy: () => {
      const found = readBuiltCode(versions);
      if (found) return found;
      throw new VitrineError('CodeVersionMismatch', 'The version of the stage code cannot be read.', {
        where: versions,
        expected: 'the file that the build of the stages writes',
        actual: 'none, or another document',
        hint: 'Build the project with `npm run build`; it is looked for again.',
      });
    },
  };
}
