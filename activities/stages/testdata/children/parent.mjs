// Stands for a worker: starts a stage process, passes the job on, and repeats what it hears as JSON lines.
import { fork } from 'node:child_process';

const [entry, start] = process.argv.slice(2);
const child = fork(entry, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
child.on('message', (message) => process.stdout.write(`${JSON.stringify({ pid: child.pid, message })}\n`));
child.send(JSON.parse(start));
