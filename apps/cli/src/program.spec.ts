import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, exitCodeOfError, exitCodeOfRun } from './exit-codes.js';
import { runProgram } from './program.js';
import { testContext, type TestContext } from './testing/context.js';

let context: TestContext;

beforeEach(() => {
  // Nothing listens on this port.
  context = testContext({ VITRINE_API_URL: 'http://127.0.0.1:9' });
});

afterEach(() => {
  context.remove();
});

describe('the command line', () => {
  it('lists its commands and what its exit codes mean', async () => {
    expect(await runProgram(context, ['--help'])).toBe(EXIT.ok);
    for (const name of [
      'up',
      'down',
      'status',
      'run',
      'runs',
      'show',
      'logs',
      'cancel',
      'approve',
      'plan',
      'sweep',
      'sweeps',
      'lineage',
      'rerun',
      'explain',
      'explain-cache',
      'data',
      'doctor',
      'report',
      'quickstart',
    ])
      expect(context.out()).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect(context.out()).toContain('Exit codes: 0 done');
    expect(context.out()).not.toContain('__supervise');
  });

  it.each([
    [['nosuch'], "unknown command 'nosuch'"],
    [['run'], "missing required argument 'FILE'"],
    [['show', 'last', '--nosuch'], "unknown option '--nosuch'"],
    [['run', 'quick', '--seed', '4294967296'], 'expected a whole number from 0 to 4294967295'],
    [['runs', '--status', 'lost'], 'Allowed choices are running, succeeded, failed, cancelled'],
  ])('%j is refused as wrong use', async (args, said) => {
    expect(await runProgram(context, args)).toBe(EXIT.usage);
    expect(context.errors()).toContain(said);
  });

  it('says where it found no API', async () => {
    await expect(runProgram(context, ['runs'])).rejects.toMatchObject({
      code: 'ApiUnavailable',
      details: { where: 'http://127.0.0.1:9' },
    });
  });

  it.each(['Upper', '../x', 'a/b/c', 'a/', ''])('refuses %j as the name of a run', async (name) => {
    await expect(runProgram(context, ['show', name])).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('says that nothing runs, and fails for scripts that ask', async () => {
    expect(await runProgram(context, ['status', '--json'])).toBe(EXIT.failed);
    expect(JSON.parse(context.out())).toMatchObject({
      running: false,
      parts: [{ name: 'S3 server' }, { name: 'Temporal' }, { name: 'API' }, { name: 'Worker' }],
    });
  });

  it('stops nothing when nothing runs', async () => {
    expect(await runProgram(context, ['down'])).toBe(EXIT.ok);
    expect(context.out()).toBe('No stack is running.\n');
  });

  it('does not start without the native parts, and names the command that sets them up', async () => {
    await expect(runProgram(context, ['up', '--foreground'])).rejects.toMatchObject({
      code: 'InvalidConfig',
      details: { hint: 'Set them up with `npm start -- --setup-only`.' },
    });
  });
});

// It starts half a dozen programs to ask for their versions, and unpacks the sample.
describe('the doctor', { timeout: 60_000 }, () => {
  it('finds missing native parts, says how to get them, and fails', async () => {
    expect(await runProgram(context, ['doctor', '--json'])).toBe(EXIT.failed);
    const { healthy, findings } = JSON.parse(context.out()) as {
      healthy: boolean;
      findings: { name: string; verdict: string; fix?: string }[];
    };
    expect(healthy).toBe(false);
    const of = (name: string) => findings.find((finding) => finding.name.startsWith(name));
    expect(of('native parts')).toMatchObject({
      verdict: 'broken',
      fix: expect.stringContaining('npm start'),
    });
    expect(of('Node.js')?.verdict).toBe('ok');
    expect(of('data sample')?.verdict).toBe('ok');
    expect(of('free space')?.verdict).toBe('ok');
    expect(findings.every(({ verdict, fix }) => verdict !== 'broken' || fix !== undefined)).toBe(true);
  });
});

describe('an exit code', () => {
  it('tells a run that failed from a command that failed', () => {
    expect([exitCodeOfRun('succeeded'), exitCodeOfRun('failed'), exitCodeOfRun('cancelled')]).toEqual([
      0, 3, 4,
    ]);
    expect([exitCodeOfError('InvalidSpec'), exitCodeOfError('ApiUnavailable')]).toEqual([1, 5]);
  });
});
