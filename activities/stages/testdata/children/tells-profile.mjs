// Stands for the process that is asked for its numerics: says what it was given, and leaves a line for each start.
import { appendFileSync } from 'node:fs';

appendFileSync(process.env.STARTS, 'started\n');
if (process.env.BEHAVIOUR === 'dies') process.exit(3);
const answer =
  process.env.BEHAVIOUR === 'fails'
    ? { error: { code: 'Internal', message: 'There is no library.', hint: 'Set it up.' } }
    : {
        profile: {
          build: `gpus ${process.env.CUDA_VISIBLE_DEVICES}`,
          device: 'test',
          threads: JSON.parse(process.argv[2]).threads,
          precision: 'float32',
          execution: 'eager',
        },
      };
process.send(answer, () => process.exit(0));
