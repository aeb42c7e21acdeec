/** For benchmarks of single kernels: graphs written node by node. Whoever computes writes programs. */
import * as tf from '@tensorflow/tfjs-core';
import { DTYPE, type Attribute } from './capture/graph.js';
import type { NodeDef } from './capture/graph-def.js';
import type { NodeBackend } from './capture/node-backend.js';
import { GraphSession, type Feed } from './capture/session.js';

export { DTYPE, type Attribute, type Feed, type GraphSession, type NodeDef };

/** On the backend that `loadBackend` has loaded. */
export const openGraph = (nodes: readonly NodeDef[]): GraphSession =>
  new GraphSession((tf.backend() as unknown as NodeBackend).binding, nodes);
