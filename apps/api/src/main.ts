import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { processEnvironment, readConfig } from '@vitrine/config';
import { VitrineError, describeError, toVitrineError } from '@vitrine/contracts';
import packageJson from '../package.json' with { type: 'json' };
import { createApp } from './app.js';
import { assemble } from './assemble.js';
import type { TemporalGateway } from './temporal/temporal.gateway.js';

const RETRY_MILLISECONDS = 2_000;

async function main(): Promise<void> {
  const config = readConfig(processEnvironment());
  const parts = assemble(config, packageJson.version);
  const app = await createApp(parts, new ConsoleLogger({ json: true, colors: false }));
  const { host, port } = config.api;
  try {
    await app.listen(port, host);
  } catch (cause) {
    throw new VitrineError('InvalidConfig', 'The API cannot listen on its address.', {
      where: `VITRINE_API_HOST and VITRINE_API_PORT, ${host}:${port}`,
      expected: 'an address of this machine and a free port',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      cause,
    });
  }
  const logger = new Logger('api');
  logger.log(`listening on ${await app.getUrl()}`);
  await registerSearchAttributes(parts.temporal, logger);
}

/** Runs are listed by them. Temporal may come up later than this process, so it is tried until it works. */
async function registerSearchAttributes(temporal: TemporalGateway, logger: Logger): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      await temporal.ensureSearchAttributes();
      return;
    } catch (error) {
      if (!told) logger.warn(describeError(toVitrineError(error).toView()));
      await sleep(RETRY_MILLISECONDS, undefined, { ref: false });
    }
  }
}

main().catch((error: unknown) => {
  const failure = toVitrineError(error);
  process.stderr.write(`${describeError(failure.toView())}\n`);
  if (failure.code === 'Internal') process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exit(1);
});
