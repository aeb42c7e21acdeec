import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageDefinition, type ProgramJob, type StageParams } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptFolder } from './attempt-folder.js';
import { launchOf } from './launch.js';

let root: string;
let folder: AttemptFolder;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vitrine-launch-'));
  folder = await AttemptFolder.create(root);
  writeFileSync(join(root, 'podman'), '#!/bin/sh\n');
  chmodSync(join(root, 'podman'), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const launch = (params: object) => {
  const job = {
    inputs: { base: '/in/base.bin' },
    outputs: { out: '/out/o' },
    seed: 7,
  } as unknown as ProgramJob;
  return launchOf({
    params: stageDefinition('command').params.parse({
      inputs: { base: { type: 'file' } },
      outputs: { out: { path: 'o', type: 'file' } },
      ...params,
    }) as StageParams<'command'>,
    job,
    folder,
    declared: { KEY: 'the secret', OMP_NUM_THREADS: '9' },
    worker: {
      PATH: root,
      HOME: '/home/someone',
      AWS_SECRET_ACCESS_KEY: 'of the store',
      VITRINE_API_TOKEN: 'of the API',
      DOCKER_HOST: 'unix:///run/engine.sock',
    },
    mark: 'abc',
  });
};

describe('how a program is started', () => {
  it('is with its paths and seed in place of their names, and without the keys of the worker', () => {
    const { argv, cwd, environment } = launch({
      argv: ['x', '{inputs.base}', '--out={outputs.out}', '{seed}'],
    });
    expect(argv).toEqual(['x', '/in/base.bin', '--out=/out/o', '7']);
    expect(cwd).toBe(folder.work);
    expect(environment).toEqual({
      PATH: root,
      HOME: '/home/someone',
      KEY: 'the secret',
      OMP_NUM_THREADS: '9',
      OMP_WAIT_POLICY: 'PASSIVE',
      PYTHONHASHSEED: '0',
      PYTHONUNBUFFERED: '1',
      VITRINE_STAGE: folder.jobFile,
    });
  });

  it('is in a container with the same paths, inputs read-only, and no value of a variable among the arguments', () => {
    const { argv, environment, cleanup } = launch({
      argv: ['python', 'a.py'],
      image: 'example.org/team/img:1',
    });
    expect(argv.slice(0, 2)).toEqual([join(root, 'podman'), 'run']);
    expect(argv.slice(-4)).toEqual(['--entrypoint', 'python', 'example.org/team/img:1', 'a.py']);
    expect(argv).toContain(`${folder.inputs}:${folder.inputs}:ro`);
    expect(argv).toContain('KEY');
    expect(argv.join(' ')).not.toMatch(/the secret|of the/);
    expect(environment['KEY']).toBe('the secret');
    expect(environment['DOCKER_HOST']).toBe('unix:///run/engine.sock');
    expect(cleanup).toEqual([join(root, 'podman'), 'rm', '--force', 'vitrine-abc']);
  });

  it('is with the programs of a virtual environment first', () => {
    const python = join(root, 'venv');
    expect(() => launch({ argv: ['x'], python })).toThrow(expect.objectContaining({ code: 'NotFound' }));
    mkdirSync(join(python, 'bin'), { recursive: true });
    writeFileSync(join(python, 'bin/python'), '');
    expect(launch({ argv: ['x'], python }).environment).toMatchObject({
      VIRTUAL_ENV: python,
      PATH: `${python}/bin:${root}`,
    });
  });
});
