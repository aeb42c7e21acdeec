import { describe, expect, it } from 'vitest';
import { freePorts, startGuarded } from './guarded-process.js';

const serverOn = (port: number): readonly string[] => [
  '-e',
  `require('node:http').createServer((_, r) => r.end(String(process.pid))).listen(${port}, '127.0.0.1')`,
];

describe('a guarded server', () => {
  it('is gone as soon as its standard input is closed, as it is when the test run is killed', async () => {
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const server = await startGuarded({
      command: process.execPath,
      args: serverOn(port),
      env: process.env,
      answers: async () => (await fetch(url)).ok,
    });
    const pid = Number(await (await fetch(url)).text());
    await server.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('that does not start is told with its output', async () => {
    const start = startGuarded({
      command: process.execPath,
      args: ['-e', 'console.error("no such port"); process.exit(3)'],
      env: process.env,
      answers: () => Promise.resolve(false),
    });
    await expect(start).rejects.toThrow(/ended with code 3:\nno such port/);
  });

  it('gets a port that nobody else gets, and that is given to no outgoing connection meanwhile', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });
});
