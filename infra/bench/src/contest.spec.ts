import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contest, relativeError, type Entrant } from './contest.js';

/** Speaks the protocol, answers VALUE to its check, and writes what it does into LOG. A round works for some ticks of the clock. */
const script = `
  const { createInterface } = require('node:readline');
  const { appendFileSync } = require('node:fs');
  const { NAME, VALUE, LOG } = process.env;
  const reply = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
  createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line);
    appendFileSync(LOG, NAME + ' ' + request.do + ' ' + process.pid + '\\n');
    const begun = process.cpuUsage();
    while (request.do === 'round' && process.cpuUsage(begun).user < 30_000);
    if (request.do === 'end') process.exit(0);
    reply(request.do === 'prepare' ? { checks: [{ name: 'loss', values: [JSON.parse(VALUE)] }] } : {});
  });`;

const quickly = { rounds: 3, turnSeconds: 0 };

describe('contest', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vitrine-contest-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const log = (): string[][] =>
    readFileSync(join(folder, 'log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));

  function entrant(name: string, value: unknown, group = 'all'): Entrant {
    const env = { ...process.env, NAME: name, VALUE: JSON.stringify(value), LOG: join(folder, 'log') };
    return {
      name,
      program: { command: process.execPath, args: ['-e', script], env },
      case: {
        task: 'none',
        device: 'cpu',
        threads: 1,
        precision: 'float32',
        execution: 'captured',
        compiled: false,
      },
      agreement: { group, tolerance: 1e-4 },
    };
  }

  it('lets the programs do their rounds in turns, each in one process from its preparation to its end', async () => {
    const outcomes = await contest([entrant('a', 2), entrant('b', 2.0001)], quickly);
    expect([...outcomes.keys()]).toEqual(['a', 'b']);
    for (const { seconds, processorSeconds, peakMemory } of outcomes.values()) {
      expect(seconds).toHaveLength(3);
      expect(Math.min(...processorSeconds)).toBeGreaterThan(0);
      expect(peakMemory).toBeGreaterThan(2 ** 20);
    }
    const rounds = log().filter(([, what]) => what === 'round');
    expect(rounds.slice(-6).map(([name]) => name)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(new Set(log().map(([name, , pid]) => `${name} ${pid}`)).size).toBe(2);
    expect(log().filter(([, what]) => what === 'end')).toHaveLength(2);
  });

  it('refuses to compare programs whose results differ by more than the tolerance', async () => {
    await expect(contest([entrant('a', 2), entrant('b', 2.001)], quickly)).rejects.toThrow(
      /^b and a do not compute the same, .*loss, expected a relative error of at most 0.0001, got 0.000[45]/,
    );
  });

  it('refuses a result that is no number', async () => {
    const contestants = [entrant('a', 2), entrant('b', null)];
    await expect(contest(contestants, quickly)).rejects.toThrow('got Infinity');
  });

  it('compares results within a group only', async () => {
    expect((await contest([entrant('a', 2), entrant('b', 3, 'other')], quickly)).size).toBe(2);
  });

  it('says who died, at what and with which words, and ends the others', async () => {
    const args = ['-e', 'console.error("out of luck"); process.exit(3)'];
    const dying = { ...entrant('b', 2), program: { command: process.execPath, args, env: process.env } };
    await expect(contest([entrant('a', 2), dying], quickly)).rejects.toThrow(
      /^b ended while it was to prepare \(exit 3, .*\nout of luck/s,
    );
    expect(log().map(([name, what]) => `${name} ${what}`)).toEqual(['a prepare', 'a end']);
  });

  it('says which program could not be started', async () => {
    const program = { command: join(folder, 'missing'), args: [], env: process.env };
    await expect(contest([{ ...entrant('a', 2), program }], quickly)).rejects.toThrow(/a ended .*ENOENT/s);
  });
});

describe('relativeError', () => {
  it('is the largest distance over the largest value of the reference', () => {
    expect(relativeError([1, -4.1], [1, -4])).toBeCloseTo(0.025);
  });

  it('is infinite for lists of different lengths', () => {
    expect(relativeError([1], [1, 2])).toBe(Infinity);
  });
});
