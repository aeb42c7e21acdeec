import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunView } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack, sleep, type RunHandle } from '../src/local-stack.js';
import { isAlive } from '../src/processes.js';
import { commandLine, killProgramAndHost, programAt } from '../src/program-drill.js';

const packages = fileURLToPath(new URL('../testdata/packages', import.meta.url));
const programs = fileURLToPath(new URL('../testdata/programs', import.meta.url));
const CANARY = 'canary/Zx81+Ω&sings%in"the mine';
/** No secret, and so to be found in places where the canary is not. */
const PLAIN = 'plain-value-of-the-environment';

let stack: LocalStack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-command-e2e-'));
  process.env['VITRINE_E2E_CANARY'] = CANARY;
  process.env['VITRINE_CONFIG'] = installPackage();
  stack = await LocalStack.up();
  delete process.env['VITRINE_E2E_CANARY'];
});

afterAll(async () => {
  await stack.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const training = (over: object = {}): object => ({
  kind: 'command',
  seed: 11,
  params: {
    argv: ['python3', 'train.py'],
    source: { folder: join(programs, 'tiny-vit') },
    // Slow enough that a step that is heard of is far from the last one, however busy the machine is.
    parameters: { steps: 40, sleep: 0.3 },
    outputs: { model: { path: 'out/model.safetensors', type: 'model' } },
  },
  ...over,
});

describe('a program of somebody else as a stage', () => {
  it('regression for PrefectHQ/prefect#10141: survives SIGKILL of itself and of its host, leaves nothing running, and ends with the bytes of an undisturbed one', async () => {
    const undisturbed = await succeed(await stack.submit(pipeline({ train: training() })));
    const handle = await stack.submit(
      pipeline({
        train: training(),
        judge: { kind: 'evaluate', inputs: { model: 'train.model' }, params: { test: { limit: 64 } } },
      }),
    );
    await killProgramAndHost(stack, handle, { word: 'train.py', steps: [12, 24] });
    const view = await succeed(handle);
    expect(view.stages['train']?.outputs?.['model']?.sha256).toBe(
      undisturbed.stages['train']?.outputs?.['model']?.sha256,
    );
    expect(view.stages['train']?.epoch).toBe(3);
    expect(view.stages['train']?.resumedFromStep).toBeGreaterThanOrEqual(20);
    expect(view.stages['judge']?.state).toBe('succeeded');
  });

  it('stores a checkpoint and ends when its run is cancelled', async () => {
    const handle = await stack.submit(pipeline({ train: training() }));
    const program = await programAt(stack, handle, { word: 'train.py', step: 3 });
    await stack.vitrine('cancel', handle.runId);
    expect((await stack.end(handle)).status).toBe('cancelled');
    expect(isAlive(program)).toBe(false);
    await stack.seen(handle, ({ type }) => type === 'checkpoint');
  });

  it('is refused before anything runs when its source cannot be read or its outputs do not fit', async () => {
    const nowhere = training({
      params: { argv: ['x'], source: { folder: join(folder, 'nowhere') } },
    });
    await expect(stack.submit(pipeline({ train: nowhere }))).rejects.toThrow(
      /InvalidSpec.*stages\.train\.params\.source\.folder/,
    );
    const judge = { kind: 'evaluate', inputs: { model: 'train.history' } };
    await expect(stack.submit(pipeline({ train: training(), judge }))).rejects.toThrow(
      /expected one of the outputs model of stage train \(command\), got history/,
    );
  });
});

describe('stages from outside', () => {
  const words = {
    kind: 'command',
    params: {
      argv: ['python3', 'words.py'],
      source: { folder: join(programs, 'words') },
      outputs: { text: { path: 'words.txt', type: 'file', mediaType: 'text/plain' } },
      parameters: { words: ['a', 'rose', 'is', 'a', 'rose', 'is', 'a', 'rose'] },
    },
  };
  const count = (over: object = {}): object => ({
    kind: 'package',
    inputs: { text: 'words.text' },
    params: { uses: '@example/extras/count', with: { least: 3 }, ...over },
  });

  it('work together: one from a folder of Python, one from the tarball of an npm package, one of ours', async () => {
    const after = { kind: 'noop', inputs: { after: { counts: 'count.counts' } } };
    const handle = await stack.submit(pipeline({ words, count: count(), after }));
    const view = await succeed(handle);
    expect(view.stages['count']?.summary).toEqual({ words: 8 });
    const response = await stack.fetch(
      `/api/v1/runs/${handle.project}/${handle.runId}/artifacts/count/counts`,
    );
    expect(await response.json()).toEqual({ a: 3, rose: 3 });
  });

  it('may be data sets: ours train and judge on one that a package brings', async () => {
    const data = { dataset: '@example/extras/stripes' };
    const shape = { imageSize: 8, patchSize: 4, channels: 1, width: 16, depth: 1, heads: 2, classes: 2 };
    const model = { ...shape, mean: [0.4], std: [0.3] };
    const rest = { epochs: 20, batchSize: 16, cropPadding: 0, flip: false };
    const train = { kind: 'train', params: { model, train: data, test: data, ...rest } };
    const judge = { kind: 'evaluate', inputs: { model: 'train.model' }, params: { test: data } };
    const view = await succeed(await stack.submit(pipeline({ train, judge })));
    expect(view.stages['train']?.summary).toMatchObject({ testAccuracy: 1 });
    const away = { ...train, params: { ...train.params, test: { dataset: '@example/extras/dots' } } };
    await expect(stack.submit(pipeline({ train: away }))).rejects.toThrow(
      /stages\.train\.params\.test\.dataset.*extras\/stripes|extras\/stripes.*stages\.train\.params\.test\.dataset/,
    );
  });

  it('may be models: weights for an architecture of a package are brought in, and judged under attacks', async () => {
    const test = { dataset: '@example/extras/stripes' };
    const fit = { kind: 'package', params: { uses: '@example/extras/fit' } };
    const bring = (uses: string): object => ({
      kind: 'import-model',
      inputs: { weights: 'fit.weights' },
      params: { architecture: { uses } },
    });
    const conditions = [{ kind: 'clean' }, { kind: 'fgsm', epsilon: 0.5 }];
    const judge = { kind: 'evaluate', inputs: { model: 'bring.model' }, params: { test, conditions } };
    const view = await succeed(
      await stack.submit(pipeline({ fit, bring: bring('@example/extras/linear'), judge })),
    );
    expect(view.stages['bring']?.summary).toMatchObject({ parameters: 130 });
    expect(view.stages['judge']?.summary).toMatchObject({
      conditions: [{ accuracy: 1 }, { accuracy: 0 }],
    });
    await expect(stack.submit(pipeline({ fit, bring: bring('@example/extras/lienar') }))).rejects.toThrow(
      /stages\.bring\.params\.architecture\.uses.*extras\/linear/,
    );
    const train = { kind: 'explain', inputs: { model: 'bring.model' }, params: { test } };
    const refused = await stack.end(
      await stack.submit(pipeline({ fit, bring: bring('@example/extras/linear'), train })),
    );
    expect(refused.stages['train']?.error).toMatchObject({ code: 'WeightsMismatch' });
  });

  it.each([
    [
      { words, count: count({ with: { least: 0 } }) },
      /stages\.count\.params\.with\.least: expected a whole number/,
    ],
    [
      { words, count: count({ uses: '@example/extras/cuont' }) },
      /stages\.count\.params\.uses.*extras\/count/,
    ],
    [
      { train: { kind: 'train' }, count: { ...count(), inputs: { text: 'train.model' } } },
      /stages\.count\.inputs\.text: expected an artifact of type file, got model/,
    ],
    [
      { words, count: count(), judge: { kind: 'evaluate', inputs: { model: 'count.counts' } } },
      /stages\.judge\.inputs\.model: expected an artifact of type model, got document/,
    ],
  ])('of a package are checked before anything runs (%#)', async (stages, problem) => {
    await expect(stack.submit(pipeline(stages))).rejects.toThrow(problem);
  });
});

describe('a secret that a program is given', () => {
  it('is in no history, log, payload, object, key, report or list of processes, whatever the program does', async () => {
    const file = join(folder, 'canary');
    writeFileSync(file, `${CANARY}\n`);
    const leak = (secretRef: object, argv: string[], outputs = {}): object => ({
      kind: 'command',
      retry: { own: 0 },
      params: {
        argv: ['python3', 'leak.py', ...argv],
        source: { folder: join(programs, 'leaky') },
        environment: { CANARY: { secretRef }, PLAIN },
        outputs,
      },
    });
    const handle = await stack.submit(
      pipeline({
        fails: leak({ env: 'VITRINE_E2E_CANARY' }, []),
        exposes: leak({ file }, ['{outputs.text}'], { text: { path: 'text', type: 'file' } }),
      }),
    );
    const lines = new Set<string>();
    let view: RunView | undefined;
    void stack.end(handle).then((ended) => (view = ended));
    while (view === undefined) {
      for (const line of commandLines()) lines.add(line);
      await sleep(50);
    }
    expect([...lines].some((line) => line.includes('leak.py'))).toBe(true);
    expect(view.stages['fails']?.error).toMatchObject({
      code: 'StageFailed',
      actual: expect.stringContaining('failed with ***'),
    });
    expect(view.stages['exposes']?.error).toMatchObject({
      code: 'SecretExposed',
      where: 'output text, text',
    });

    await stack.seen(handle, (event) => event.type === 'log' && event.message.includes('whole ***'));
    const told = [...lines, JSON.stringify(view), await stack.vitrine('logs', handle.runId)];
    for await (const stored of stack.events(handle)) told.push(JSON.stringify(stored));
    const places = [...filesBelow(stack.stateDir)].map((path) => ({
      path,
      text: textOf(path),
    }));
    // The search finds what is there to be found, in Temporal's database, in the store and in the log.
    for (const found of [/temporal\.db/, /s3\/.*request\.json/])
      expect(places.some(({ path, text }) => found.test(path) && text.includes(PLAIN))).toBe(true);
    expect(told.some((text) => text.includes('whole ***'))).toBe(true);
    const canaries = formsOf(CANARY);
    const bare = (text: string): string => text.replaceAll(/\r|\n|\\n/g, '');
    const leaks = [
      ...told.filter((text) => canaries.some((form) => bare(text).includes(form))),
      ...places
        .filter(({ path, text }) => canaries.some((form) => bare(text).includes(form) || path.includes(form)))
        .map(({ path }) => path),
    ];
    expect(leaks).toEqual([]);
  });
});

/** As a user does it: the package's tarball, installed beside a configuration that names it. @returns the configuration */
function installPackage(): string {
  const npm = (...args: string[]): string => execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
  cpSync(join(packages, 'extras'), join(folder, 'sources'), { recursive: true });
  const tarball = npm('pack', './sources', '--silent').trim();
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  npm('install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  const path = join(folder, 'vitrine.yaml');
  writeFileSync(path, 'packages: ["@example/extras"]\n');
  return path;
}

function pipeline(stages: object): object {
  return { version: 1, name: 'command', seed: 3, stages };
}

async function succeed(handle: RunHandle): Promise<RunView> {
  const view = await stack.end(handle);
  if (view.status !== 'succeeded') throw new Error(`the run ended badly: ${JSON.stringify(view)}`);
  return view;
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
}

function* filesBelow(root: string): Generator<string> {
  for (const entry of unlessGone(() => readdirSync(root, { withFileTypes: true }), [])) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** Empty when the stack, which goes on working, has removed the file meanwhile. */
function textOf(path: string): string {
  return unlessGone(() => readFileSync(path, 'latin1'), '');
}

function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** As its bytes are read here, and long parts of it, in case only some of it got out. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').slice(0, 20);
  return [
    secret,
    bytes.toString('latin1'),
    bytes.toString('latin1').slice(0, 12),
    base64,
    bytes.toString('hex').slice(0, 24),
    encodeURIComponent(secret).slice(0, 20),
    Buffer.concat([Buffer.from('user:'), bytes])
      .toString('base64')
      .slice(8, 28),
    Buffer.concat([Buffer.from('x'), bytes])
      .toString('base64url')
      .slice(4, 24),
  ];
}
