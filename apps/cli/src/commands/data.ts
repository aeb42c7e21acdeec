import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  cifar10Folder,
  createDatasets,
  fetchCifar10,
  importCifar10,
  type FetchProgress,
} from '@vitrine/datasets';
import { describeError, toVitrineError, type DatasetName } from '@vitrine/contracts';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { takeInterrupts } from '../interrupts.js';
import { formatBytes, formatPercent } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import type { Terminal } from '../terminal.js';

const DATASETS = ['cifar10-sample', 'cifar10'] as const satisfies readonly DatasetName[];

interface DatasetStatus {
  readonly name: DatasetName;
  readonly train?: number;
  readonly test?: number;
  readonly state: string;
}

/** `vitrine data list`: what can be trained on, read and checked. */
export async function listData(context: Context, { json }: { json: boolean }): Promise<number> {
  const { terminal } = context;
  const { dataDir, sampleDir } = context.config();
  const datasets = createDatasets({ dataDir, sampleDir });
  const found = await Promise.all(
    DATASETS.map(async (name): Promise<DatasetStatus> => {
      if (name === 'cifar10' && !existsSync(cifar10Folder(dataDir)))
        return { name, state: 'not here; fetch it with `npx vitrine data fetch`' };
      try {
        const [train, test] = [await datasets.load(name, 'train'), await datasets.load(name, 'test')];
        return { name, train: train.count, test: test.count, state: 'complete' };
      } catch (error) {
        return { name, state: describeError(toVitrineError(error).toView()).replaceAll('\n', ' ') };
      }
    }),
  );
  if (json) {
    terminal.json({ dataDir, datasets: found });
    return EXIT.ok;
  }
  const rows = found.map(({ name, train, test, state }) => [
    name,
    train === undefined ? '' : String(train),
    test === undefined ? '' : String(test),
    state,
  ]);
  for (const row of alignColumns([['DATA SET', 'TRAINING', 'TEST', 'STATE'], ...rows])) terminal.line(row);
  terminal.line(`Folder: ${dataDir}`);
  return EXIT.ok;
}

/** `vitrine data fetch`: CIFAR-10 from its official address; goes on where it broke off. */
export async function fetchData(context: Context, { from }: { from?: string }): Promise<number> {
  const { terminal } = context;
  const interrupts = takeInterrupts();
  const progress = downloadLine(terminal);
  try {
    const { folder, fresh } = await fetchCifar10({
      dataDir: context.config().dataDir,
      signal: interrupts.signal,
      onProgress: progress,
      ...(from !== undefined && { sources: [from] }),
    });
    terminal.screen.leave();
    terminal.line(fresh ? `CIFAR-10 is in ${folder}` : `CIFAR-10 was there already: ${folder}`);
    return EXIT.ok;
  } finally {
    interrupts.release();
  }
}

/** `vitrine data import`: CIFAR-10 from a folder of its binary release. */
export async function importData(context: Context, folder: string): Promise<number> {
  const imported = await importCifar10({ dataDir: context.config().dataDir, folder: resolve(folder) });
  context.terminal.line(`CIFAR-10 is in ${imported.folder}`);
  return EXIT.ok;
}

/** How far the download is: in place on a terminal, else at each tenth. */
function downloadLine(terminal: Terminal): (progress: FetchProgress) => void {
  let told = '';
  return ({ phase, bytes, total }) => {
    const fraction = total ? bytes / total : undefined;
    const step = terminal.live ? Math.floor((fraction ?? 0) * 1000) : Math.floor((fraction ?? 0) * 10);
    const key = `${phase} ${fraction === undefined ? Math.floor(bytes / 1e7) : step}`;
    if (key === told) return;
    told = key;
    const share = fraction === undefined ? '' : `, ${formatPercent(fraction, 0)}`;
    const of = total === undefined ? '' : ` of ${formatBytes(total)}`;
    const line = `  ${phase}: ${formatBytes(bytes)}${of}${share}`;
    if (terminal.live) terminal.screen.draw([line.slice(0, terminal.width)]);
    else terminal.line(line);
  };
}
