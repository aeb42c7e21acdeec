import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VitrineError } from '@vitrine/contracts';

/** What the build made for the worker. */
export interface BuiltParts {
  readonly workflowBundle: string;
  readonly stageEntry: string;
  /** Digest of the stage code, which plans are pinned to. */
  readonly codeVersion: string;
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
  return {
    workflowBundle: path('workflows/pipelines/dist/workflow-bundle.js'),
    stageEntry: path('activities/stages/dist/job-entry.mjs'),
    codeVersion: readCodeVersion(path('activities/stages/dist/code-version.json')),
  };
}

function readCodeVersion(path: string): string {
  const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const version = (document as { codeVersion?: unknown } | null)?.codeVersion;
  if (typeof version === 'string' && version !== '') return version;
  throw new VitrineError('InvalidConfig', 'The version of the stage code is missing.', {
    where: path,
    expected: '{ "codeVersion": "…" }',
    actual: JSON.stringify(document).slice(0, 80),
    hint: 'Build the project with `npm run build`.',
  });
}
