import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheExplanationSchema,
  evaluationSchema,
  lineageSchema,
  runPlanSchema,
  runViewSchema,
  verificationSchema,
  type RunView,
} from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack, type RunHandle } from '../src/local-stack.js';
import { stageProcess, isAlive } from '../src/processes.js';
import { workerOf } from '../src/program-drill.js';
import { readFloats } from '../src/read-floats.js';
import { smallPipeline } from '../src/small-pipeline.js';

describe('a pipeline of every real stage', () => {
  let stack: LocalStack;
  let handle: RunHandle;
  let view: RunView;

  beforeAll(async () => {
    stack = await LocalStack.up();
    handle = await stack.submit(smallPipeline());
    view = await stack.end(handle);
  });

  afterAll(async () => {
    await stack.destroy();
  });

  async function artifact(stage: string, output: string): Promise<Uint8Array> {
    const response = await stack.fetch(
      `/api/v1/runs/${handle.project}/${handle.runId}/artifacts/${stage}/${output}`,
    );
    expect(response.status).toBe(200);
    return new Uint8Array(await response.arrayBuffer());
  }

  it('succeeds in every stage', () => {
    expect(Object.entries(view.stages).map(([name, { state, error }]) => ({ name, state, error }))).toEqual(
      Object.keys(view.stages).map((name) => ({ name, state: 'succeeded', error: undefined })),
    );
    expect(view.status).toBe('succeeded');
  });

  it('leaves accuracies that can be recomputed from the stored logits', async () => {
    const evaluation = evaluationSchema.parse(
      JSON.parse(new TextDecoder().decode(await artifact('judge-base', 'evaluation'))),
    );
    const arrays = Object.entries(readFloats(await artifact('judge-base', 'predictions')));
    const logits = arrays.filter(([name]) => !name.endsWith('.distance'));
    const classes = evaluation.classNames.length;
    const counts = logits.map(
      ([, rows]) =>
        evaluation.labels.filter(
          (label, image) => argmax(rows.subarray(image * classes, (image + 1) * classes)) === label,
        ).length,
    );
    expect(counts.sort()).toEqual(evaluation.conditions.map(({ correct }) => correct).sort());
  });

  it('holds in every figure when it is verified, the page of its report among them', async () => {
    const said: unknown = JSON.parse(await stack.vitrine('verify', handle.runId, '--json'));
    const { differences, figures, measured } = verificationSchema.parse(said);
    expect(differences).toEqual([]);
    expect(figures).toBeGreaterThan(100);
    expect(measured.map(({ stage }) => stage)).not.toContain('report');
  });

  it('leaves a report that needs nothing from elsewhere', async () => {
    const page = new TextDecoder().decode(await artifact('report', 'report'));
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toMatch(/(src|href)="https?:/);
  });

  it('computes nothing a second time, and gives the same bytes', async () => {
    const started = Date.now();
    const again = await stack.end(await stack.submit(smallPipeline()));
    process.stdout.write(`a second identical run: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    for (const [name, stage] of Object.entries(again.stages)) {
      expect(stage.cache, name).toMatchObject({ outcome: 'hit', from: { runId: handle.runId, stage: name } });
      expect(stage.outputs, name).toEqual(view.stages[name]?.outputs);
    }
  });

  it('is planned, repeated with a change, explained and traced from the command line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-e2e-spec-'));
    const file = join(folder, 'small.json');
    await writeFile(file, JSON.stringify(smallPipeline()));
    const json = async (...args: string[]): Promise<unknown> =>
      JSON.parse(await stack.vitrine(...args, '--json'));
    const change = ['--set', 'stages.judge-base.params.batchSize=64'];
    try {
      const plan = runPlanSchema.parse(await json('plan', file, ...change));
      expect(Object.fromEntries(plan.stages.map(({ stage, outcome }) => [stage, outcome]))).toEqual({
        train: 'found',
        noise: 'found',
        harden: 'found',
        'judge-base': 'computed',
        'judge-hardened': 'found',
        report: 'open',
      });
      expect(plan.stages.find(({ stage }) => stage === 'judge-base')?.forecast?.samples).toBeGreaterThan(0);

      const again = runViewSchema.parse(await json('rerun', handle.runId, ...change));
      expect(again).toMatchObject({ status: 'succeeded', rerunOf: handle.runId });
      const outcomes = Object.entries(again.stages).map(([name, { cache }]) => [name, cache?.outcome]);
      expect(Object.fromEntries(outcomes)).toMatchObject({
        train: 'kept',
        'judge-base': 'miss',
        'judge-hardened': 'kept',
      });
      const explained = cacheExplanationSchema.parse(await json('explain-cache', again.runId, 'judge-base'));
      expect(explained.nearest?.from).toEqual({ runId: handle.runId, stage: 'judge-base' });
      expect(explained.nearest?.differences.map(({ text }) => text)).toEqual([
        'the parameter batchSize: was 128, is 64',
      ]);
      const traced = lineageSchema.parse(await json('lineage', `${again.runId}.judge-base.evaluation`));
      expect(traced.upstream.map(({ stage }) => stage)).toEqual(
        expect.arrayContaining(['judge-base', 'train']),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells the story once more to whoever comes late, from any point on', async () => {
    const all: number[] = [];
    for await (const { sequence } of stack.events(handle)) all.push(sequence);
    expect(all).toEqual(all.map((_, index) => index + 1));
  });

  it('ends as cancelled when it is cancelled while its process hangs', async () => {
    const hanging = await stack.submit({
      version: 1,
      name: 'hanging',
      stages: { wait: { kind: 'noop', params: { steps: 1000, stepMilliseconds: 100 } } },
    });
    await stack.seen(hanging, ({ type }) => type === 'progress');
    const child = stageProcess(await workerOf(stack));
    process.kill(child, 'SIGSTOP');
    await stack.vitrine('cancel', hanging.runId);
    expect((await stack.end(hanging)).status).toBe('cancelled');
    expect(isAlive(child)).toBe(false);
  });

  it('is refused with the path of the wrong field', async () => {
    const response = await stack.fetch('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        version: 1,
        name: 'bad',
        stages: { train: { kind: 'train', params: { epochs: 0 } } },
      }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'InvalidSpec', where: 'stages.train.params.epochs' });
  });

  it.each([
    ['sigma', { sigma: 50 }, 'expected at most 16.2144, what the 2 steps of the denoiser reach, got 50'],
    [
      'draws',
      { draws: 9 },
      'expected at least 10, the fewest that can certify anything at alpha 0.001, got 9',
    ],
    [
      'attention.draws',
      { attention: { k: 4, draws: 12 } },
      'expected at least 15, the fewest that can certify anything of 16 tokens at alpha 0.0005 for all, got 12',
    ],
  ])(
    'is refused from the command line before its denoiser is trained, with the %s that would do',
    async (field, params, problem) => {
      const file = join(stack.stateDir, 'beyond.yaml');
      const inputs = { model: 'train.model', denoiser: 'denoiser.denoiser' };
      const stages = {
        train: { kind: 'train' },
        denoiser: { kind: 'train-denoiser', params: { model: { diffusion: { steps: 2 } } } },
        certify: { kind: 'certify', inputs, params },
      };
      await writeFile(file, JSON.stringify({ version: 1, name: 'beyond', stages }));
      await expect(stack.vitrine('run', file)).rejects.toMatchObject({
        stderr: expect.stringContaining(`stages.certify.params.${field}: ${problem}`) as string,
      });
    },
  );

  it('is refused to whoever has no token', async () => {
    const { api } = await stack.stackFile();
    expect((await fetch(`${api?.url}/api/v1/runs`)).status).toBe(401);
  });
});

function argmax(row: Float32Array): number {
  return row.indexOf(Math.max(...row));
}
