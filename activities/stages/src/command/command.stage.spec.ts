import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packFolder } from '@vitrine/artifact-store';
import type { FailureRule } from '@vitrine/contracts';
import { initVit } from '@vitrine/ml-nn';
import { encodeSafetensors } from '@vitrine/ml-tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryArtifacts } from '../testing/memory-artifacts.js';
import { CancelRequest, StageHarness, type Attempt } from '../testing/stage-harness.js';
import { putSmallModel, smallSpec } from '../testing/small-model.js';
import { markedProcesses } from './program.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PYTHONPATH = here('../../../../infra/python');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-command-spec-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Params = Record<string, unknown>;

async function run(params: Params, inputs = {}, artifacts = new MemoryArtifacts()) {
  const attempt = await new StageHarness('command', params, artifacts).attempt(inputs);
  return { ...attempt, artifacts };
}

const shell = (script: string, params: Params = {}): Params => ({
  argv: ['/bin/sh', '-c', script],
  ...params,
});

const counter = (params: Params): Params => ({
  argv: ['python3', here('../../testdata/programs/counter.py')],
  environment: { PYTHONPATH },
  outputs: { result: { path: 'out/result.json', type: 'document' } },
  parameters: params,
});

const text = async (
  { product, artifacts }: Attempt<'command'> & { artifacts: MemoryArtifacts },
  name: string,
) => {
  const ref = product?.outputs[name];
  if (!ref) throw new Error(`no output ${name}`);
  return artifacts.text(ref);
};

describe('a program as a stage', { timeout: 60_000 }, () => {
  it('gets inputs as files, parameters as JSON, and leaves its outputs as artifacts', async () => {
    const artifacts = new MemoryArtifacts();
    const document = await artifacts.put('document', Buffer.from('{"a":1}'));
    const script = 'cat {inputs.given} {params} > {outputs.both}; printf %s {seed} > seed.txt';
    const done = await run(
      shell(script, {
        inputs: { given: { type: 'document' } },
        outputs: {
          both: { path: 'deep/er/both.txt', type: 'file', mediaType: 'text/plain' },
          seed: { path: 'seed.txt', type: 'file' },
        },
        parameters: { rate: 0.5 },
      }),
      { given: document },
      artifacts,
    );
    expect(done.error).toBeUndefined();
    expect(await text(done, 'both')).toBe('{"a":1}{"rate":0.5}');
    expect(await text(done, 'seed')).toBe('1234');
    expect(done.product?.outputs['both']?.mediaType).toBe('text/plain');
  });

  it('runs in its source, as it was packed', async () => {
    const artifacts = new MemoryArtifacts();
    writeFileSync(join(folder, 'hello.sh'), 'echo hello > out.txt');
    const artifact = await artifacts.put('folder', await packFolder(folder));
    const done = await run(
      {
        argv: ['sh', './hello.sh'],
        source: { artifact },
        outputs: { out: { path: 'out.txt', type: 'file' } },
      },
      {},
      artifacts,
    );
    expect(await text(done, 'out')).toBe('hello\n');
  });

  it('gives folders on, packed so that equal contents are equal artifacts', async () => {
    const params = shell('mkdir -p d/e; echo 1 > d/b; echo 2 > d/e/a', {
      outputs: { all: { path: 'd', type: 'folder' } },
    });
    const artifacts = new MemoryArtifacts();
    const [a, b] = [await run(params, {}, artifacts), await run(params, {}, artifacts)];
    expect(a.product?.outputs['all']?.sha256).toBe(b.product?.outputs['all']?.sha256);
    const all = a.product?.outputs['all'];
    const read = await run(
      shell('cat {inputs.all}/b {inputs.all}/e/a > x', {
        inputs: { all: { type: 'folder' } },
        outputs: { x: { path: 'x', type: 'file' } },
      }),
      { all },
      artifacts,
    );
    expect(await text(read, 'x')).toBe('1\n2\n');
  });

  it('sees nothing of the environment of the worker but what every program needs', async () => {
    process.env['AWS_SECRET_ACCESS_KEY_OF_SPEC'] = 'not for programs';
    const done = await run(
      shell('env > env.txt', {
        environment: { MINE: 'yes' },
        outputs: { env: { path: 'env.txt', type: 'file' } },
      }),
    );
    const env = await text(done, 'env');
    expect(env).toContain('MINE=yes');
    expect(env).toMatch(/^PATH=/m);
    expect(env).not.toContain('not for programs');
  });

  it('reports what it says by the protocol, and everything else as log', async () => {
    const done = await run(counter({ steps: 3 }));
    expect(done.error).toBeUndefined();
    expect(done.reports.filter(({ phase }) => phase === 'count').map(({ step }) => step)).toContain(3);
    expect(done.product?.summary.step).toBe(3);
    expect(Object.keys(done.product?.summary.metrics ?? {})).toEqual(['sum']);
  });

  it('goes on from its checkpoint to the same bytes after SIGKILL', async () => {
    const undisturbed = await text(await run(counter({ steps: 9 })), 'result');
    const artifacts = new MemoryArtifacts();
    const harness = new StageHarness('command', counter({ steps: 9, killAt: 5 }), artifacts);
    const killed = await harness.attempt({});
    expect(killed.error).toMatchObject({ code: 'StageInterrupted' });
    expect(killed.checkpoints.map(({ step }) => step)).toEqual([2, 4]);
    const resumed = await harness.attempt({}, { previous: killed.checkpoints.at(-1) ?? null });
    expect(resumed.error).toBeUndefined();
    expect(await text({ ...resumed, artifacts }, 'result')).toBe(undisturbed);
  });

  it('stores where it is when it is asked to stop', async () => {
    const harness = new StageHarness('command', counter({ steps: 1000, sleep: 0.02, every: 500 }));
    const stopped = await harness.attempt({}, { cancelAfterReports: 5 });
    expect(stopped.error).toBeInstanceOf(CancelRequest);
    expect(stopped.checkpoints).toHaveLength(1);
    expect(stopped.checkpoints[0]?.step).toBeLessThan(500);
  });

  it('feeds our stages: its safetensors is a model or weights to import', async () => {
    const artifacts = new MemoryArtifacts();
    const model = await putSmallModel(artifacts);
    const weights = await artifacts.put('weights', encodeSafetensors(initVit(smallSpec, 1)));
    const done = await run(
      shell('cp {inputs.model} m.safetensors; cp {inputs.weights} w.safetensors', {
        inputs: { model: { type: 'model' }, weights: { type: 'weights' } },
        outputs: {
          model: { path: 'm.safetensors', type: 'model' },
          weights: { path: 'w.safetensors', type: 'weights' },
        },
      }),
      { model, weights },
      artifacts,
    );
    expect(done.product?.outputs['model']?.sha256).toBe(model.sha256);
    const imported = await new StageHarness('import-model', { model: smallSpec }, artifacts).attempt({
      weights: done.product?.outputs['weights'],
    });
    expect(imported.error).toBeUndefined();
  });
});

describe('a program that misbehaves', { timeout: 120_000 }, () => {
  it('is survived when it prints a gigabyte of log', async () => {
    const script = 'head -c 1073741824 /dev/zero | tr "\\0" "x" | fold -w 120; echo the end > o';
    const done = await run(shell(script, { outputs: { o: { path: 'o', type: 'file' } } }));
    expect(await text(done, 'o')).toBe('the end\n');
  });

  it('fails for what it promised and did not write, with all of it named', async () => {
    const { error } = await run(
      shell('echo {} > b.json', {
        outputs: {
          a: { path: 'a.json', type: 'document' },
          b: { path: 'b.json', type: 'document' },
          c: { path: 'c', type: 'folder' },
        },
      }),
    );
    expect(error).toMatchObject({
      code: 'StageFailed',
      details: { actual: 'a: a.json: it is not there\nc: c: it is not there' },
    });
  });

  it.each([
    ['model', 'echo nonsense > o', /it is no model: The file is not valid safetensors/],
    ['weights', 'echo nonsense > o', /it is no weights/],
    ['document', 'echo nonsense > o', /it is no document/],
    ['evaluation', 'echo {} > o', /it is no evaluation/],
    ['history', 'echo {} > o', /it is no history/],
    ['report', 'echo {} > o', /expected a page of HTML/],
    ['folder', 'echo {} > o', /it is no folder/],
    ['file', 'mkdir o', /it is no file/],
    ['file', 'ln -s /etc/hostname o', /a link that leads out of the folder/],
  ])('fails for an output that is no %s', async (type, script, problem) => {
    const { error } = await run(shell(script, { outputs: { o: { path: 'o', type } } }));
    expect(error).toMatchObject({ code: 'StageFailed', details: { actual: expect.stringMatching(problem) } });
  });

  it.each([
    ['ends with EX_TEMPFAIL', 'exit 75', 'StageInterrupted', /exit code 75/],
    ['is called wrongly', 'exit 64', 'StageRefused', /exit code 64/],
    ['is not there', 'exec /no/such/program', 'StageRefused', /exit code 127/],
    ['is killed', 'kill -9 $$', 'StageInterrupted', /ended by SIGKILL/],
    ['crashes', 'kill -SEGV $$', 'StageFailed', /ended by SIGSEGV/],
    ['fails', 'echo why >&2; exit 3', 'StageFailed', /exit code 3\nwhy/],
    ['has no room', 'echo "OSError: No space left on device" >&2; exit 1', 'WorkerUnfit', /No space/],
    ['lacks a module', 'echo "ModuleNotFoundError: No module named x" >&2; exit 1', 'StageRefused', /x/],
  ])('is classified when it %s', async (_what, script, code, actual) => {
    expect((await run(shell(script))).error).toMatchObject({
      code,
      details: { actual: expect.stringMatching(actual) },
    });
  });

  it("is classified by the stage's own rules", async () => {
    const failures: FailureRule[] = [{ exitCodes: [3], then: 'stop', because: 'three is final' }];
    const fail = async (script: string) =>
      (await new StageHarness('command', shell(script), new MemoryArtifacts(), { failures }).attempt({}))
        .error;
    expect(await fail('exit 3')).toMatchObject({
      code: 'StageRefused',
      message: 'The program failed: three is final.',
    });
    expect(await fail('exit 75')).toMatchObject({ code: 'StageInterrupted' });
  });

  it('is refused when there is no such program at all', async () => {
    expect((await run({ argv: ['/no/such/program'] })).error).toMatchObject({ code: 'StageRefused' });
  });

  it('regression for PrefectHQ/prefect#21616 and dagster-io/dagster#21476: is ended when it ignores SIGTERM and has children with sessions of their own', async () => {
    const pids = join(folder, 'pids');
    const script = `
      trap '' TERM
      echo $$ > ${pids}
      (trap '' TERM; echo $VITRINE_ATTEMPT > ${pids}.mark; sleep 1000) &
      setsid sh -c 'trap "" TERM; sleep 1000' &
      echo '::vitrine:: {"type":"progress","step":1}'
      while :; do sleep 1; done`;
    const harness = new StageHarness('command', shell(script, { graceSeconds: 0 }));
    const { error } = await harness.attempt({}, { cancelAfterReports: 1 });
    expect(error).toBeInstanceOf(CancelRequest);
    expect(markedProcesses(readFileSync(`${pids}.mark`, 'utf8').trim())).toEqual([]);
  });

  it('is not waited for by what it leaves behind', async () => {
    const done = await run(
      shell('setsid sleep 1000 & echo x > o', { outputs: { o: { path: 'o', type: 'file' } } }),
    );
    expect(done.error).toBeUndefined();
  });

  it('is told what was wrong with what it said', async () => {
    const script = `
      echo '::vitrine:: nonsense'
      echo '::vitrine:: {"type":"progress","step":-1}'
      exit 3`;
    expect((await run(shell(script))).error).toMatchObject({
      details: { actual: expect.stringMatching(/for want of JSON: nonsense\n.*step: /s) },
    });
  });

  it('is refused in a container where nothing runs one, and in an environment that is not there', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      expect((await run({ argv: ['x'], image: 'python:3.12' })).error).toMatchObject({
        code: 'NotFound',
        details: { where: 'params.image' },
      });
    } finally {
      process.env['PATH'] = path;
    }
    expect((await run({ argv: ['x'], python: '/no/such/venv' })).error).toMatchObject({
      code: 'NotFound',
      details: { where: 'params.python' },
    });
  });
});
