/** The process of a further device: takes parameters and a batch, gives the gradient of its share of the batch. */
import { processEnvironment, readConfig } from '@vitrine/config';
import { toVitrineError } from '@vitrine/contracts';
import { addPrefix, type HostTensor, type RunningProgram } from '@vitrine/ml-tensor';
import {
  parameterSpecs,
  replicaProgram,
  sharedSpecs,
  STATE,
  sumSpecs,
  withoutGradients,
  type ReplicaFunction,
} from '@vitrine/ml-training';
import { startBackend } from '../job/start-backend.js';
import { accumulateParts } from './accumulate-parts.js';
import { FILES, type FromReplica, type SpreadPlan, type ToReplica } from './messages.js';
import { SharedArrays } from './shared-arrays.js';

// The stage process decides when this one ends; signals to the group of processes are for others.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.once('disconnect', () => process.exit(0));
process.on('message', (message: ToReplica) => {
  void handle(message).then(send, (error: unknown) =>
    send({ type: 'error', error: toVitrineError(error, 'StageFailed').toView() }),
  );
});

const send = (message: FromReplica): void => {
  if (process.connected) process.send?.(message);
};

type Step = Extract<ToReplica, { type: 'step' }>;

let step: ((request: Step) => FromReplica) | undefined;

async function handle(message: ToReplica): Promise<FromReplica> {
  if (message.type === 'step') {
    if (step) return step(message);
    throw new RangeError('a step comes before the start');
  }
  const { executor, profile } = await startBackend(readConfig(processEnvironment()), message.numerics);
  const { partSize, ...plan } = message.plan;
  const program = executor.start(replicaProgram({ ...plan, batchSize: partSize }));
  step = stepOf(program, message.plan, message.device);
  return { type: 'ready', profile };
}

function stepOf(
  program: RunningProgram<ReplicaFunction>,
  plan: SpreadPlan,
  device: number,
): (request: Step) => FromReplica {
  const { config, batchSize, devices, partSize, mixed } = plan;
  const shared = new SharedArrays(sharedSpecs(plan), FILES.shared);
  const gradients = new SharedArrays(sumSpecs(plan), FILES.gradients);
  const count = batchSize / devices;
  const share = (name: string): HostTensor['data'] =>
    shared.readTensor(name, { first: device * count, count }).data;
  const names = Object.keys(parameterSpecs(config));
  const parametersNow = (): Record<string, HostTensor> =>
    Object.fromEntries(names.map((name) => [name, shared.readTensor(`${STATE.params}/${name}`)]));
  let started = false;
  return ({ noise, factors }) => {
    const parameters = addPrefix(STATE.params, parametersNow());
    program.writeState(started ? parameters : withoutGradients(parameters, plan));
    started = true;
    const losses = accumulateParts(program, {
      batch: {
        pixels: share('pixels') as Float32Array,
        labels: share('labels') as Int32Array,
        ...(mixed && {
          mix: { partners: share('partners') as Int32Array, shares: share('shares') as Float32Array },
        }),
      },
      partSize,
      noise: noise ? shared.readTensor('noise') : undefined,
      factors: Float32Array.from(factors),
    });
    for (const [name, { data }] of Object.entries(program.readState(Object.keys(gradients.specs))))
      gradients.write(name, data);
    program.run('discard', {});
    return { type: 'stepped', losses };
  };
}
