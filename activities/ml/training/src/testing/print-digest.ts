/** A process of its own that trains three steps and prints the SHA-256 of weights, moments, losses and norms. */
import { createHash } from 'node:crypto';
import '@tensorflow/tfjs-node-gpu';
import { encodeSafetensors, toHost } from '@vitrine/ml-tensor';
import { smallRun } from './small-run.js';

const { params, optimizer, loss, gradientNorm } = smallRun(3);
const hash = createHash('sha256');
for (const part of [params, optimizer.m, optimizer.v]) hash.update(encodeSafetensors(toHost(part)));
process.stdout.write(hash.update(`${loss} ${gradientNorm}`).digest('hex'));
