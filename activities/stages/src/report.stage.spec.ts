import type { ArtifactRef } from '@vitrine/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildBatchThread } from './testing/build-batch-thread.js';
import { putSmallModel } from './testing/small-model.js';
import { StageHarness } from './testing/stage-harness.js';

const none = {
  histories: undefined,
  study: undefined,
  evaluations: undefined,
  noises: undefined,
  influences: undefined,
  certifications: undefined,
  faithfulness: undefined,
  explanations: undefined,
};
const harness = new StageHarness('report', {
  title: 'Robust & <small>',
  published: [
    { table: 'nullspace-main', rows: { 'ViT-S': 'control', 'ViT-S + NS': 'hardened' } },
    { table: 'nullspace-tolerance' },
  ],
});

/** Runs another kind of stage on the same store, so that the report is made of real artifacts. */
async function made(
  kind:
    | 'augmented-finetune'
    | 'evaluate'
    | 'nullspace-noise'
    | 'noise-influence'
    | 'train-diffmask'
    | 'explain'
    | 'certify'
    | 'judge-attention',

  params: object,
  more: object = {},
) {
  const maker = new StageHarness(kind, params, harness.artifacts);
  const { product, error } = await maker.attempt({ model, ...more } as never);
  if (!product) throw error;
  return product.outputs as unknown as Record<string, ArtifactRef>;
}

async function pageOf(inputs: object, of = harness): Promise<string> {
  const { product, error } = await of.attempt({ ...none, ...inputs });
  if (!product) throw error;
  expect(product.summary.bytes).toBe(product.outputs.report.bytes);
  return harness.artifacts.text(product.outputs.report);
}

const refusal = async (inputs: object) => (await harness.attempt({ ...none, ...inputs })).error;

const VOID = new Set(['meta', 'img', 'br', 'line', 'polyline', 'circle', 'link', '!doctype']);

/** Opening tags without their end, or ends without a beginning; empty for well-nested markup. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ''] of page
    .replace(/<style>.*?<\/style>/s, '')
    .matchAll(/<(\/?)(!?[a-z0-9]+)/g)) {
    if (VOID.has(name)) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...open, ...wrong];
}

const behaves = { check: 'budget', epsilon: 0.1, expected: 'no more', found: 'less', holds: true };

let model: ArtifactRef;
let full: string;
/** A document of the stage evaluate. */
let evaluation: object;
/** Of a study alone, as pairs of arms. */
let pairs: string;
beforeAll(async () => {
  await buildBatchThread();
  model = await putSmallModel(harness.artifacts);
  const synthesis = { batchSize: 16, maxSteps: 4, epsilon: 1e-6 };
  const finetune = { rounds: 2, stepsPerRound: 3, batchSize: 8, synthesis };
  const learned = await made('augmented-finetune', finetune);
  const watch = { images: 4, conditions: [{ kind: 'clean' }, { kind: 'fgsm', epsilon: 0.01 }] };
  const control = await made('augmented-finetune', { ...finetune, watch, objective: { kind: 'plain' } });
  const visible = ['greedy'];
  const noise = await made('nullspace-noise', { synthesis, noises: 2, pixels: { visible } });
  const barriers = await Promise.all(
    [0.1, 0.4].map((logBarrier) => made('nullspace-noise', { synthesis: { ...synthesis, logBarrier } })),
  );
  const tolerant = await made('nullspace-noise', { synthesis: { ...synthesis, epsilon: 0.1 } });
  const [weak, strong] = barriers.map((each) => each['noise']);
  const noises = { noise: noise['noise'], weak, strong, tolerant: tolerant['noise'] };
  const study = await made('noise-influence', { scales: [0.5, 1], test: { limit: 6 } }, { noises });
  const judged = await made('evaluate', {
    conditions: [
      { kind: 'clean' },
      { kind: 'fgsm', epsilon: 2 / 255 },
      { kind: 'corruption', corruption: 'fog' },
      { kind: 'corruption', corruption: 'jpeg_compression', severity: 3 },
    ],
  });
  evaluation = JSON.parse(await harness.artifacts.text(judged['evaluation'] as ArtifactRef)) as object;
  const gates = await made('train-diffmask', { steps: 3, batchSize: 8 });
  const explaining = {
    test: { limit: 4 },
    batchSize: 4,
    curveImages: 2,
    examples: 3,
    rise: { masks: 5, cells: 2 },
    sanityImages: 0,
  };
  const explained = await made('explain', explaining, { gates: { masks: gates['gates'] } });
  const few = { test: { limit: 2 }, batchSize: 4, denoising: 'one-shot' };
  const certified = await made('certify', { ...few, draws: 20, selection: 4, alpha: 0.01 });
  const low = await made('certify', { ...few, sigma: 0.05, draws: 20, selection: 4, alpha: 0.01 });
  const attention = await made('judge-attention', { ...few, draws: 4, k: 2, steps: 2, perturbations: 1 });
  full = await pageOf({
    histories: {
      gates: gates['history'],
      hardened: learned['history'],
      control: control['history'],
      noise: noise['history'],
    },
    evaluations: { hardened: judged['evaluation'], control: judged['evaluation'] },
    noises: { noise: noise['noise'] },
    influences: { study: study['influence'] },
    study: { 'studied-1': judged['predictions'], 'control-1': judged['predictions'] },
    explanations: { test: explained['explanations'] },
    certifications: { smoothed: certified['certification'], low: low['certification'] },
    faithfulness: { smoothed: attention['faithfulness'] },
  });
  const attacked = await made('evaluate', {
    conditions: [{ kind: 'fgsm', epsilon: 0.9 }, { kind: 'clean' }],
  });
  const comparing = new StageHarness(
    'report',
    {
      comparisons: [
        { arm: 'studied', against: 'control', differsIn: 'noise or none' },
        { arm: 'studied', against: 'attacked', differsIn: 'the attack' },
      ],
    },
    harness.artifacts,
  );
  pairs = await pageOf(
    {
      histories: { studied: learned['history'] },
      study: {
        ...{ 'studied-0': judged['predictions'], 'control-0': judged['predictions'] },
        'attacked-0': attacked['predictions'],
      },
    },
    comparing,
  );
}, 300_000);

describe('a report', () => {
  it('asks nothing of the network and runs nothing', () => {
    expect(full).not.toMatch(/<script|<link|<iframe|@import|url\(|\son[a-z]+=|javascript:/i);
    expect(
      [...full.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, to]) => !/^(#|data:image)/.test(to ?? '')),
    ).toEqual([]);
    expect(full).toContain("default-src 'none'");
  });

  it('is well nested, and its identifiers are there once', () => {
    expect(unbalanced(full)).toEqual([]);
    const ids = [...full.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of full.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  });

  it('shows its title as text', () => {
    expect(full).toContain('<h1>Robust &amp; &lt;small&gt;</h1>');
  });

  it('draws losses, accuracies and norms of the noises', () => {
    for (const title of [
      'Loss, smoothed over about 20 steps',
      'Accuracy on the test images',
      'Norm of the noise of each round',
      'Singular values of the patch embedding',
      'Encoder noise: norm',
      'Divergence of the masked answer, nats',
      'Kept share of the sampled masks',
      'Multiplier of the step',
      'Insertion: probability',
      'Sparsity against divergence, nats',
      'Predictions that stay, by scale',
      'Squared distance of probabilities, by scale',
      'Predictions that stay, by λ',
      'Squared change of confidence, by λ',
      'Norm of the noise, by λ',
      'Norm at equal influence, by tolerance',
      'Finetuning: values over their first',
      'control: values over their first',
      'Certified accuracy',
      'Accuracy, most attention first',
    ])
      expect(full).toContain(`<figcaption>${title}</figcaption>`);
    expect(full.match(/<svg /g)).toHaveLength(22 + 3);
    expect(full).toContain('counts as 0 below');
  });

  it('sets certificates beside published rows, those of two noise levels also by the better of them', () => {
    expect(full).toContain('smoothed, low, the best of them');
    expect(full).toContain('ViT-B behind a diffusion model, off the shelf †');
    expect(full).toContain('Rows marked † are from memory');
    expect(full).toContain('Mean certified radius, L2 and L∞');
  });

  it('sets published figures beside ours, each with how it stands to the first row', () => {
    expect(full).toContain('ViT-S + NS, published');
    expect(full).toContain('77.47 <span class="share">(+3.28)</span>');
    expect(full).toContain('hardened, ours');
    expect(full).toContain('FGSM: FGSM, ε 2/255');
    expect(full).toContain('random, ε .03, published');
    expect(full).toMatch(
      /<strong>ImageNet at full size<\/strong> \(ours are\s+20 images of cifar10-sample,\s+4 classes\)/,
    );
  });

  it('says of each conclusion of the paper what is seen and whether it holds', () => {
    const rows = full.slice(full.indexOf('id="conclusions-title"')).split('<tr>').slice(2, 8);
    expect(rows).toHaveLength(6);
    for (const row of rows)
      expect(row).toMatch(/<td>\s*(yes|not measured|<span class="mark">no<\/span>)\s*<\/td>/);
    expect(rows[0]).toContain('100.0 % stay; once clipped');
    expect(rows[5]).toContain('not measured');
  });

  it('gives every condition of every model with its interval', () => {
    expect(full.match(/<th scope="rowgroup"/g)).toHaveLength(2);
    expect(full.match(/class="whisker"/g)).toHaveLength(4);
    expect(full).toContain('FGSM, ε 2/255');
  });

  it('gives the mean accuracy under each corruption, and no share of AlexNet for other classes', () => {
    expect(full).toContain('<th scope="row">Jpeg compression</th>');
    expect(full).not.toContain('colspan="5">Fog, severity');
    expect(full).toMatch(/mCE, per cent of AlexNet<\/th>\s*<td class="number">\s*–/);
  });

  it('says how calibrated a model is, and warns of attacks that do not behave', async () => {
    const odd = { ...evaluation, masking: [{ ...behaves, holds: false }, behaves] };
    const put = (document: object): Promise<ArtifactRef> =>
      harness.artifacts.put('evaluation', new TextEncoder().encode(JSON.stringify(document)));
    const page = await pageOf({ evaluations: { odd: await put(odd) } });
    expect(unbalanced(page)).toEqual([]);
    expect(page).toContain('Calibration error</th>');
    expect(page).toContain('Accuracy over confidence, clean images');
    expect(page).toMatch(/Warning:<\/span>\s*1 of 2 checks do not hold/);
    const even = await pageOf({ evaluations: { even: await put({ ...odd, masking: [behaves] }) } });
    expect(even).not.toContain('Warning:');
  });

  it('shows the arms of a study against their control, in words too', () => {
    expect(full).toContain('studied against control</h3>');
    // The predictions of both arms are the same: nothing can be told apart.
    expect(full).toContain('Where studied helps: nowhere that this study can see.');
    expect(full).toMatch(/Not told apart, and an effect of the size in brackets may be there: Clean images/);
    expect(full).toContain('Corruptions, mean of 6');
  });

  it('shows pairs of arms in one table, which gain survives which control, and at what scale', () => {
    expect(unbalanced(pairs)).toEqual([]);
    expect(pairs).toMatch(/studied against\s+control\s*<span class="differs"\s*>noise or none<\/span/);
    expect(pairs).toContain('studied against attacked: the attack</h3>');
    expect(pairs).toContain('Which gain of studied survives which control</h3>');
    expect(pairs).toMatch(
      /<strong>Clean images<\/strong>: better than none of them; not told apart from control, attacked\./,
    );
    expect(pairs).toMatch(/All this is at one scale: [\d,]+\s+weights \(patch 4, width 16, depth \d\)/);
    expect(pairs).toMatch(/finetuned for\s+up to\s+6 steps on 32 images/);
  });

  it('shows each example as image, noise, sum and visible noise, with its answers', () => {
    // Of explanations each of three examples has image, seven maps, mask, kept patches and a strip of votes.
    expect(full.match(/<img\s/g)).toHaveLength(4 * 4 + 3 * (1 + 7 + 2 + 1));
    expect(full.match(/<dl class="answers">/g)).toHaveLength(4);
  });

  it('shows published certificates with their sources beside its own', () => {
    expect(full).toContain('Beside published figures');
    expect(full).toContain('raw logs of locuslab/smoothing');
    expect(full).toContain('this run, 2 images');
  });

  it('says where the numbers come from', () => {
    for (const fact of ['test-run', 'a-augmented-finetune', '1234', model.sha256])
      expect(full).toContain(fact);
    expect(full).toContain('Parameters of a-nullspace-noise (noise)');
  });

  it('of equal inputs has equal bytes', async () => {
    const evaluation = await made('evaluate', { conditions: [{ kind: 'clean' }] });
    const inputs = { evaluations: { a: evaluation['evaluation'] } };
    expect(await pageOf(inputs)).toBe(await pageOf(inputs));
  });

  it('of nothing is still a page, without sections that would be empty', async () => {
    const page = await pageOf({});
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toContain('id="accuracy"');
    expect(page).toContain('id="provenance"');
  });
});

describe('inputs that cannot be read', () => {
  const put = (text: string) => harness.artifacts.put('document', new TextEncoder().encode(text));

  it('are refused by artifact and line', async () => {
    const history = await put('{"event":"stage"}\n');
    expect(await refusal({ histories: { a: history } })).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: `${history.uri}, line 1`, actual: '{"event":"stage"}' },
    });
    const empty = await put('');
    expect(await refusal({ histories: { a: empty } })).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { expected: 'a row of the event stage', actual: 'an empty file' },
    });
    expect(await refusal({ evaluations: { a: history } })).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: history.uri },
    });
    expect(await refusal({ influences: { a: history } })).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: history.uri, expected: 'what the stage noise-influence writes' },
    });
    for (const port of ['certifications', 'faithfulness'])
      expect(await refusal({ [port]: { a: history } })).toMatchObject({ code: 'ArtifactCorrupt' });
    expect(await refusal({ explanations: { a: model } })).toMatchObject({ code: 'ArtifactCorrupt' });
    expect(await refusal({ noises: { a: model } })).toMatchObject({
      code: 'ArtifactCorrupt',
      details: { where: `${model.uri}, metadata.meta` },
    });
  });
});
