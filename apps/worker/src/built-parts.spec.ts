import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBuiltParts } from './built-parts.js';

const versions = (noop: string): string => JSON.stringify({ codeVersion: 'all', kinds: { noop } });
const BUILT = {
  'workflows/pipelines/dist/workflow-bundle.js': '',
  'activities/stages/dist/job-entry.mjs': '',
  'activities/stages/dist/profile-entry.mjs': '',
  'activities/stages/dist/code-version.json': versions('first'),
};

let folder: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const find = () => findBuiltParts(pathToFileURL(`${folder}/`));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'built-parts-'));
  for (const [path, text] of Object.entries(BUILT)) write(path, text);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what the build made', () => {
  it('is found, the version of the stage code as it is at the moment', () => {
    const built = find();
    expect(built.stageEntry).toBe(join(folder, 'activities/stages/dist/job-entry.mjs'));
    expect(built.codeVersion('noop')).toBe('first');
    expect(built.codeVersion('train')).toBeUndefined();
    write('activities/stages/dist/code-version.json', versions('second'));
    expect(built.codeVersion('noop')).toBe('second');
    write('activities/stages/dist/code-version.json', '{"codeVer');
    expect(built.codeVersion('noop')).toBeUndefined();
  });

  it.each(Object.keys(BUILT))('is named when it is missing: %s', (path) => {
    rmSync(join(folder, path));
    expect(find).toThrow(
      expect.objectContaining({
        code: 'InvalidConfig',
        details: expect.objectContaining({
          where: join(folder, path),
          hint: 'Build the project with `npm run build`.',
        }),
      }),
    );
  });
});
