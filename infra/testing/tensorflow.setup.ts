import '@tensorflow/tfjs-node-gpu';
