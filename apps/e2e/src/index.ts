export { startChromium } from './chromium.js';
export { Dashboard, NARROW, WIDE, type Look } from './dashboard.js';
export { smallPipeline } from './small-pipeline.js';
export { LocalStack, sleep, type RunHandle } from './local-stack.js';
export { PrometheusClient } from './prometheus-client.js';
export { descendants, isAlive, stageProcesses } from './processes.js';
export { smallTraining } from './small-training.js';
export { killProgramAndHost, workerOf } from './program-drill.js';
export { trainAndKill, victimOf, VICTIMS, type DrillOutcome, type Victim } from './kill-drill.js';
