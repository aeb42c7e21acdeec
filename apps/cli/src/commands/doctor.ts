import { describeError, toVitrineError } from '@vitrine/contracts';
import type { Context } from '../context.js';
import type { Check, Finding, Verdict } from '../doctor/check.js';
import {
  checkAttributes,
  checkDisk,
  checkMemory,
  checkNativeParts,
  checkPorts,
  checkSample,
} from '../doctor/machine.js';
import { checkNumerics } from '../doctor/numerics.js';
import { checkPrerequisites } from '../doctor/prerequisites.js';
import { EXIT } from '../exit-codes.js';
import { paint, type Tone } from '../progress/style.js';

const WORDS: Readonly<Record<Verdict, readonly [string, Tone]>> = {
  ok: ['ok', 'good'],
  note: ['note', 'warn'],
  broken: ['BROKEN', 'bad'],
};

/** `vitrine doctor`: looks at everything a run needs, and says how to mend what is broken. */
export async function doctor(context: Context, { json }: { json: boolean }): Promise<number> {
  const { terminal, env } = context;
  const config = context.config();
  const checks: readonly (readonly [string, Check])[] = [
    ['prerequisites', () => checkPrerequisites(config.workspace, env)],
    ['native parts', () => checkNativeParts(config)],
    ['numeric backend', () => checkNumerics(config, env)],
    ['disk', () => checkDisk(config)],
    ['memory', checkMemory],
    ['extended attributes', () => checkAttributes(config)],
    ['ports', () => checkPorts(config)],
    ['data sample', () => checkSample(config)],
  ];
  const findings = (await Promise.all(checks.map(([name, check]) => attempted(name, check)))).flat();
  const broken = findings.filter(({ verdict }) => verdict === 'broken').length;
  if (json) terminal.json({ healthy: broken === 0, findings });
  else {
    for (const finding of findings) {
      const [word, tone] = WORDS[finding.verdict];
      terminal.line(`${paint(word.padEnd(6), tone, terminal.style)}  ${finding.name}: ${finding.found}`);
      if (finding.expected !== undefined) terminal.line(`        expected: ${finding.expected}`);
      if (finding.fix !== undefined) terminal.line(`        to do:    ${finding.fix}`);
    }
    terminal.line();
    terminal.line(broken === 0 ? 'Nothing is broken.' : `${broken} broken: see "to do" above.`);
  }
  return broken === 0 ? EXIT.ok : EXIT.failed;
}

async function attempted(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    const view = toVitrineError(error).toView();
    const [, ...details] = describeError(view).split('\n');
    const facts = details
      .filter((line) => !line.includes('to do:'))
      .map((line) => line.trim().replace(/\s+/g, ' '));
    return [{ name, verdict: 'broken', found: [view.message, ...facts].join(' '), fix: view.hint }];
  }
}
