import { missingOf, takeInventory } from './install.mjs';
import { checkPrerequisites } from './prerequisites.mjs';

/** @param {{ version: string, source: string, path?: string, dir?: string } | undefined} part */
const describePart = (part) =>
  part ? `${part.version} (${part.source}) ${part.path ?? part.dir}` : 'not there yet: the set-up makes it';

/**
 * Prints each prerequisite with what was found, and each native part. Nothing is fetched or written.
 * @param {{ env: NodeJS.ProcessEnv, device?: import('./pins.mjs').Device, json: boolean }} options
 * @returns {Promise<number>} exit code: 1 if something needed is missing
 */
export async function runCheck({ env, device, json }) {
  const inventory = await takeInventory({ env, device });
  const checks = await checkPrerequisites(missingOf(inventory), env);
  const { temporal, s3, libtensorflow, prometheus } = inventory;
  const parts = { temporal, s3, libtensorflow, prometheus };
  if (json) {
    const found = Object.entries(parts).map(([name, part]) => [name, part ?? null]);
    process.stdout.write(
      `${JSON.stringify({ checks, device: inventory.device, parts: Object.fromEntries(found) })}\n`,
    );
  } else {
    for (const { name, needed, ok, found, expected, fix } of checks) {
      const verdict = ok ? 'ok     ' : needed ? 'MISSING' : 'unused ';
      process.stdout.write(`${verdict}  ${name}: ${found}\n`);
      if (!ok && needed) process.stdout.write(`         expected: ${expected}\n         to do:    ${fix}\n`);
    }
    process.stdout.write(`device   ${inventory.device}\n`);
    for (const [name, part] of Object.entries(parts)) {
      process.stdout.write(`${part ? 'ok     ' : 'to do  '}  ${name}: ${describePart(part)}\n`);
    }
  }
  return checks.every(({ needed, ok }) => ok || !needed) ? 0 : 1;
}
