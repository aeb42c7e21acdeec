/** A process of its own that trains three steps, `captured` or `eager`, and prints the SHA-256 of weights, moments, losses and norms. */
import { createHash } from 'node:crypto';
import '@tensorflow/tfjs-node-gpu';
import { eagerExecutor, encodeSafetensors } from '@vitrine/ml-tensor';
import { smallRun } from '@vitrine/ml-training/testing';
import { graphExecutor } from '../graph-executor.js';

const { state, losses, gradientNorms } = smallRun(
  process.argv[2] === 'eager' ? eagerExecutor : graphExecutor(),
  3,
);
const hash = createHash('sha256').update(encodeSafetensors(state));
process.stdout.write(hash.update(`${losses} ${gradientNorms}`).digest('hex'));
