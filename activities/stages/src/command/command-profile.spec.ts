import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeGpus, describeProcessor } from '@vitrine/backend/processor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandProfile, continuedProfile } from './command-profile.js';

let root: string;
const packages = (venv: string): string => join(root, venv, 'lib/python3.12/site-packages');

function environmentOf(venv: string, ...distributions: string[]): string {
  mkdirSync(join(root, venv, 'bin'), { recursive: true });
  writeFileSync(join(root, venv, 'bin/python'), '');
  writeFileSync(join(root, venv, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.4\n');
  for (const name of distributions) mkdirSync(join(packages(venv), name), { recursive: true });
  return join(root, venv);
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-command-profile-'));
  writeFileSync(join(root, 'program'), 'one');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const argv = ['program', 'a'];
const profile = (params: { argv?: string[]; python?: string; image?: string }, environment: object = {}) =>
  commandProfile({ argv, ...params }, { PATH: root, ...environment });

describe('what the bytes of a program depend on', () => {
  it('is the device that it sees, and the threads of its pool', () => {
    expect(profile({}, { TF_NUM_INTRAOP_THREADS: '3', CUDA_VISIBLE_DEVICES: '-1' })).toMatchObject({
      device: describeProcessor(),
      threads: 3,
    });
    expect(profile({}, { CUDA_VISIBLE_DEVICES: 'GPU-1' }).device).toBe(describeGpus());
  });

  it('is what is installed in its virtual environment, whatever the order, and nothing else there', () => {
    const one = profile({ python: environmentOf('a', 'torch-2.3.dist-info', 'timm-1.0.dist-info') });
    const same = profile({ python: environmentOf('b', 'timm-1.0.dist-info', 'torch-2.3.dist-info') });
    mkdirSync(join(packages('b'), '__pycache__'));
    expect(same).toEqual(one);
    expect(profile({ python: join(root, 'b') })).toEqual(one);
    expect(one.build).toMatch(/^python 3\.12\.4 lock [0-9a-f]{64}$/);
    const newer = profile({ python: environmentOf('c', 'timm-1.0.dist-info', 'torch-2.4.dist-info') });
    expect(newer.build).not.toBe(one.build);
    expect(() => profile({ python: join(root, 'nowhere') })).toThrow(
      expect.objectContaining({ code: 'NotFound' }),
    );
  });

  it('is its image by its name, and the program itself where there is nothing around it', () => {
    expect(profile({ image: 'a/b@sha256:12' }).build).toBe('image a/b@sha256:12');
    const before = profile({}).build;
    writeFileSync(join(root, 'program'), 'two');
    expect(profile({}).build).not.toBe(before);
    expect(profile({ argv: [join(root, 'program')] }).build).toBe(profile({}).build);
    expect(profile({ argv: ['./run.sh'] }).build).toBe('system of its source');
    expect(profile({ argv: ['nowhere'] }).build).toBe('system unknown');
  });

  it('is both of two surroundings when it went on from a checkpoint of the other', () => {
    const [one, two] = [profile({ image: 'a' }), profile({ image: 'b' })];
    expect(continuedProfile(undefined, two)).toEqual(two);
    expect(continuedProfile(two, two)).toEqual(two);
    expect([one, two]).not.toContainEqual(continuedProfile(one, two));
  });
});
