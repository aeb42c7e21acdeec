import { createInterface } from 'node:readline';
import type { Check, Prepared, Request } from '../protocol.js';

/** One thing to measure, with everything loaded that it needs. */
export interface Task {
  /** Does it a few times, and says what came out. */
  checks(): readonly Check[];
  /** Does it once; its result is on the host when it returns. */
  run(): void;
}

/** This side's half of the protocol, until the driver ends it or goes away. */
export async function serve(makeTask: (request: object) => Promise<Task>): Promise<void> {
  const reply = (message: Prepared | object): void => {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  };
  let task: Task | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    if (request.do === 'end') return;
    if (request.do === 'prepare') {
      task = await makeTask(request.case);
      reply({ checks: task.checks() });
    } else {
      if (task === undefined) throw new Error('expected `prepare` before `round`');
      for (let time = 0; time < request.times; time += 1) task.run();
      reply({});
    }
  }
}
