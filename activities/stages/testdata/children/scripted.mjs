// A stage process that does what its environment says, for tests of its host.
const behaviour = process.env.BEHAVIOUR ?? '';
const send = (message) => new Promise((resolve) => process.send(message, resolve));
const progress = (step) => ({
  type: 'progress',
  progress: { phase: 'train', step, total: 9, stepsPerSecond: 1, etaSeconds: null, metrics: {} },
});
const result = {
  outputs: {},
  summary: { steps: 9 },
  epoch: 1,
  resumedFromStep: 0,
  profile: { build: 'none', device: 'none', threads: 1, precision: 'float32', execution: 'eager' },
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
};
const forever = () => new Promise(() => setInterval(() => undefined, 1000));

const behaviours = {
  succeed: async (start) => {
    await send({ type: 'attempt', epoch: 1, resumedFromStep: 0 });
    await send(progress(3));
    const { CUDA_VISIBLE_DEVICES: gpus, TF_NUM_INTRAOP_THREADS: threads } = process.env;
    process.stdout.write(`threads ${start.numerics.threads}\nowner ${start.owner}\n`);
    if (threads) process.stdout.write(`sees ${gpus}, ${threads} native threads`);
    if (start.otherDevices) process.stdout.write(`, others ${JSON.stringify(start.otherDevices)}`);
    await send({ type: 'result', result });
    process.disconnect();
  },
  boasts: async () => {
    await send({ type: 'result', result: { ...result, summary: { text: 'x'.repeat(5 * 2 ** 20) } } });
    process.disconnect();
  },
  lingers: async () => {
    await send({ type: 'result', result });
    await forever();
  },
  fail: async () => {
    const error = { code: 'DatasetMissing', message: 'No images.', where: '/data', hint: 'Fetch them.' };
    await send({ type: 'error', error, stack: 'Error: No images.\n  at somewhere' });
    process.exit(1);
  },
  throws: async () => {
    process.stderr.write('No CUDA-capable device\n');
    const error = { code: 'StageFailed', message: 'something broke', hint: 'Read the log.' };
    await send({ type: 'error', error, unknown: true });
    process.exit(1);
  },
  crash: async () => {
    process.stderr.write('about to crash\n', () => process.abort());
    await forever();
  },
  exits: async () => {
    process.stderr.write('cannot go on\n', () => process.exit(3));
    await forever();
  },
  killed: async () => {
    await send(progress(4));
    process.kill(process.pid, 'SIGKILL');
    await forever();
  },
  obeys: async () => {
    await send(progress(1));
    const message = await new Promise((resolve) => process.once('message', resolve));
    process.stdout.write(`asked to stop: ${message.because}\n`, () => process.exit(0));
    await forever();
  },
  hangs: async () => {
    process.on('SIGTERM', () => undefined);
    await send(progress(1));
    // The event loop is held, as by native code that does not return.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  chatters: async () => {
    await send(progress(2));
    setInterval(() => void send({ type: 'log', level: 'info', message: 'still here' }), 50);
    await forever();
  },
  waits: async () => {
    for (let i = 0; i < 12; i += 1) {
      await send({ type: 'waiting', message: 'waiting for storage' });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await send({ type: 'result', result });
    process.disconnect();
  },
  babbles: async () => {
    await send({ type: 'progress', step: 'three' });
    await forever();
  },
  eats: async () => {
    await send(progress(5));
    const eaten = [];
    for (;;) eaten.push(Buffer.alloc(16 * 2 ** 20, 1));
  },
};

process.once('message', (start) => void behaviours[behaviour](start));
