/** A process of its own that trains three captured steps and prints the SHA-256 of weights, moments, losses and norms. */
import { createHash } from 'node:crypto';
import '@tensorflow/tfjs-node-gpu';
import { encodeSafetensors } from '@vitrine/ml-tensor';
import { smallRun } from '@vitrine/ml-training/testing';
import { graphExecutor } from '../graph-executor.js';

const { state, losses, gradientNorms } = smallRun(graphExecutor(), 3);
const hash = createHash('sha256').update(encodeSafetensors(state));
process.stdout.write(hash.update(`${losses} ${gradientNorms}`).digest('hex'));
