export { LocalStack, sleep, type RunHandle } from './local-stack.js';
export { PrometheusClient, type Sample } from './prometheus-client.js';
export { descendants, isAlive, stageProcesses } from './processes.js';
export { smallTraining } from './small-training.js';
export { killProgramAndHost } from './program-drill.js';
export { smoothAndKill, trainAndKill, VICTIMS, type DrillOutcome, type Victim } from './kill-drill.js';
