/** Our side of `train-step`; PyTorch's is `../../peers/vit.py`. */
import { loadBackend } from '@vitrine/backend';
import type { MatrixProductCase, VitCase } from '../vit-case.js';
import { serve, type Task } from './serve.js';
import { diffmaskTask } from './vit/diffmask.js';
import { forwardTask } from './vit/forward.js';
import { matrixProductTask } from './vit/matrix-product.js';
import { noiseSynthesisTask } from './vit/noise-synthesis.js';
import { pgdTask } from './vit/pgd.js';
import { loadSetting, type Setting } from './vit/setting.js';
import { finetuneTask, trainTask } from './vit/train.js';

const TASKS = {
  train: trainTask,
  finetune: finetuneTask,
  forward: forwardTask,
  pgd: pgdTask,
  'noise-synthesis': noiseSynthesisTask,
  diffmask: diffmaskTask,
} satisfies Record<VitCase['task'], (setting: Setting) => Task>;

await serve(async (request) => {
  const vitCase = request as VitCase | MatrixProductCase;
  const { executor } = await loadBackend(vitCase);
  if (vitCase.task === 'matrix-product') return matrixProductTask(vitCase, executor);
  return TASKS[vitCase.task](await loadSetting(vitCase, executor));
});
