/** A process of its own that loads the backend with ARGV[2] threads and prints the profile, or the error, as JSON. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadedLibraries } from '../library-build.js';
import { BackendError, loadBackend, type RecordedLibrary } from '../index.js';

const [threads, library] = process.argv.slice(2);
const tasks = '/proc/self/task';

try {
  const recorded = library === undefined ? undefined : (JSON.parse(library) as RecordedLibrary);
  const { profile } = await loadBackend({
    threads: Number(threads),
    precision: 'float32',
    execution: 'captured',
    library: recorded,
  });
  const matrix = tf.ones([600, 600]);
  tf.matMul(matrix, matrix).dataSync();
  const nativeThreads = existsSync(tasks) ? readdirSync(tasks).length : undefined;
  process.stdout.write(JSON.stringify({ profile, nativeThreads, dir: dirname(loadedLibraries()[0] ?? '') }));
} catch (error) {
  if (!(error instanceof BackendError)) throw error;
  process.stdout.write(JSON.stringify({ error: error.message, details: error.details }));
}
