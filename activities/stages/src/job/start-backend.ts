import type { loadBackend, LoadOptions } from '@vitrine/backend';
import { readNativeFile, type VitrineConfig } from '@vitrine/config';

/** Starts the native backend in this process, and says what results that it computes depend on. */
export async function startBackend(
  { stateDir }: Pick<VitrineConfig, 'stateDir'>,
  numerics: Omit<LoadOptions, 'library'>,
): ReturnType<typeof loadBackend> {
  const backend = await import('@vitrine/backend');
  const library = readNativeFile(stateDir)?.libtensorflow;
  return backend.loadBackend({ ...numerics, ...(library && { library }) });
}
