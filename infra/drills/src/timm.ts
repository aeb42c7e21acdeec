import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { killProgramAndHost, LocalStack } from '@vitrine/e2e';
import { evaluateStage, parsePipelineSpec, type PipelineSpec, type RunView } from '@vitrine/contracts';
import { parse } from 'yaml';
import { figure, type Figure } from '@vitrine/bench/figure';

// Also from where the drill is bundled to: as many folders below.
const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const example = join(workspace, 'infra/examples/timm');

/**
 * The example that trains a timm model in PyTorch: undisturbed, and with SIGKILL of the program and of its host. Equal
 * bytes are demanded, and that our own stage takes the model.
 */
export async function timm(): Promise<Figure[]> {
  const finder = join(workspace, 'infra/python/interpreter.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [finder]);
  const spec = await readExample(dirname(dirname(stdout.trim())));
  const stack = await LocalStack.up();
  try {
    const undisturbed = await end(stack, await stack.submit(spec));
    const handle = await stack.submit(spec);
    await killProgramAndHost(stack, handle, { word: 'train.py', steps: [70, 150] });
    const killed = await end(stack, handle);
    const holds = weights(killed) === weights(undisturbed) && killed.stages['train']?.epoch === 3;
    const peer = seconds(undisturbed);
    return [
      figure('timm.killed.seconds', seconds(killed), {
        unit: 's',
        spread: 0,
        peer,
        ratio: seconds(killed) / peer,
        bar: 'equal weights after two kills',
        holds,
      }),
      figure('timm.accuracy', accuracy(killed), {
        unit: 'fraction',
        spread: 0,
        peer: 0.1,
        ratio: accuracy(killed) / 0.1,
        bar: 'twice the chance of 0.1',
        holds: accuracy(killed) > 0.2,
      }),
    ];
  } finally {
    await stack.destroy();
  }
}

async function readExample(python: string): Promise<PipelineSpec> {
  const document = parse(await readFile(`${example}/pipeline.yaml`, 'utf8')) as {
    stages: { train: { params: object } };
  };
  Object.assign(document.stages.train.params, { python, source: { folder: example } });
  return parsePipelineSpec(document);
}

async function end(stack: LocalStack, handle: Parameters<LocalStack['end']>[0]): Promise<RunView> {
  const view = await stack.end(handle);
  if (view.status !== 'succeeded') throw new Error(`the run ended badly: ${JSON.stringify(view)}`);
  return view;
}

const weights = ({ stages }: RunView): string | undefined => stages['train']?.outputs?.['model']?.sha256;

const seconds = ({ submittedAt, endedAt }: RunView): number =>
  (Date.parse(endedAt ?? '') - Date.parse(submittedAt)) / 1000;

function accuracy({ stages }: RunView): number {
  return evaluateStage.summary.parse(stages['judge']?.summary).conditions[0]?.accuracy ?? 0;
}
