import { isRunning, readStackFile, type ProcessIdentity } from '@vitrine/config';
import type { Readiness } from '@vitrine/contracts';
import { apiClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { paint } from '../progress/style.js';
import { builtProgramsVersion } from '../stack/code-version.js';
import { lockHolder } from '../stack/lock.js';

interface PartStatus {
  readonly name: string;
  readonly running: boolean;
  readonly pid?: number;
  readonly address?: string;
  readonly answer?: string;
}

/** `vitrine status`: what runs where, whether it answers, and a link for the browser. */
export async function printStatus(context: Context, { json }: { json: boolean }): Promise<number> {
  const { terminal } = context;
  const config = context.config();
  const api = apiClient(context);
  const readiness = await api.ready().catch(() => undefined);
  const parts = partsOf(context, readiness);
  const page = readiness ? await api.loginLink().catch(() => undefined) : undefined;
  const allRun = parts.every(({ running }) => running) && readiness?.ready === true;
  if (json) {
    terminal.json({ stateDir: config.stateDir, running: allRun, parts, page });
    return allRun ? EXIT.ok : EXIT.failed;
  }
  for (const { name, running, pid, address, answer } of parts) {
    const state = paint((running ? 'up' : 'down').padEnd(4), running ? 'good' : 'bad', terminal.style);
    const process = pid === undefined ? '' : `process ${pid}`;
    const facts = [address ?? '', answer ?? '', process].filter((text) => text !== '').join('  ');
    terminal.line(`  ${name.padEnd(10)}  ${state}  ${facts}`);
  }
  if (page !== undefined) terminal.line(`  ${'Page'.padEnd(10)}        ${page}  (good for 5 minutes)`);
  if (parts.some(({ running }) => running) && !lockHolder(config.stateDir))
    terminal.line('  Nobody supervises these parts: `npx vitrine up` ends them and starts them anew.');
  if (readStackFile(config.stateDir)?.programs !== builtProgramsVersion(config.workspace) && allRun)
    terminal.line('  API or worker were built anew since: restart the stack before the next run.');
  terminal.line(`  ${'State'.padEnd(10)}        ${config.stateDir}`);
  return allRun ? EXIT.ok : EXIT.failed;
}

function partsOf(context: Context, readiness: Readiness | undefined): PartStatus[] {
  const config = context.config();
  const stack = readStackFile(config.stateDir);
  const own = (
    name: string,
    entry: ProcessIdentity | undefined,
    address: string | undefined,
  ): PartStatus => ({
    name,
    running: entry !== undefined && isRunning(entry),
    ...(entry && { pid: entry.pid }),
    ...(entry && address !== undefined && { address }),
  });
  const given = (name: string, address: string, ok: boolean | undefined): PartStatus => ({
    name,
    running: ok ?? false,
    address,
  });
  const s3 = config.s3.named
    ? given('S3 server', config.s3.endpoint ?? 'AWS', readiness?.s3.ok)
    : own('S3 server', stack?.s3, stack?.s3?.endpoint);
  const temporal = config.temporal.named
    ? given('Temporal', config.temporal.address, readiness?.temporal.ok)
    : own('Temporal', stack?.temporal, stack?.temporal?.uiUrl ?? stack?.temporal?.address);
  const worker = stack?.workers[0];
  return [
    { ...s3, ...answerOf(readiness?.s3) },
    { ...temporal, ...answerOf(readiness?.temporal) },
    own('API', stack?.api, stack?.api?.url),
    own('Worker', worker, worker?.metricsUrl),
    ...(stack?.prometheus ? [own('Prometheus', stack.prometheus, stack.prometheus.url)] : []),
    ...(stack?.grafana ? [own('Grafana', stack.grafana, stack.grafana.url)] : []),
  ];
}

function answerOf(part: Readiness['s3'] | undefined): { answer?: string } {
  if (!part) return {};
  return { answer: part.ok ? `answers in ${part.milliseconds} ms` : (part.error?.message ?? 'no answer') };
}
