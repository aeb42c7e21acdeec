import type { RunStore } from '@vitrine/artifact-store';
import type { NewData } from '@vitrine/contracts';
import type { Datasets } from '@vitrine/datasets';

interface Sources {
  readonly datasets: Pick<Datasets, 'load'>;
  readonly runs: Pick<RunStore, 'listRunIds' | 'getSealed'>;
}

/** Runs that are looked at for one that succeeded. */
const LOOKED_AT = 50;

/**
 * The digest of what is to be new, as stages see it: over labels and pixels of a data set, or over the bytes of an output.
 * @returns undefined when there is none yet
 * @throws VitrineError DatasetMissing, DatasetCorrupt, StorageUnavailable
 */
export async function newestDigest(
  { datasets, runs }: Sources,
  project: string,
  data: NewData,
): Promise<string | undefined> {
  if (data.of === 'dataset') return (await datasets.load(data.dataset, data.split)).sha256;
  const [stage = '', output = ''] = data.output.split('.');
  // What follows the name sorts by time.
  const own = (await runs.listRunIds(project)).filter(
    (id) => id.replace(/(-[0-9a-f]+){3}$/, '') === data.pipeline,
  );
  for (const runId of own.sort().reverse().slice(0, LOOKED_AT)) {
    const sealed = await runs.getSealed(project, runId);
    const found = sealed?.status === 'succeeded' ? sealed.stages[stage]?.outputs?.[output] : undefined;
    if (found) return found.sha256;
  }
  return undefined;
}
