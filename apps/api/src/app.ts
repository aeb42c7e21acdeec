import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { observeRequests } from './common/observe-requests.js';
import { requireLogin } from './common/require-login.js';
import { YAML_TYPES, decodeYamlBody, refuseOddBodies } from './common/yaml-body.js';
import { openApiDocument } from './openapi.js';
import { serveDashboard } from './pages/serve-dashboard.js';
import type { ApiParts } from './parts.js';

const BODY_LIMIT = '4mb';

/** The whole HTTP application over the given parts; it listens nowhere yet. */
export async function createApp(
  parts: ApiParts,
  logger: LoggerService | false,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(parts), {
    logger,
    bodyParser: false,
    abortOnError: false,
    // Followers of a run hold their connections open for as long as it takes.
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  const requests = new Logger('requests');
  app.use(
    observeRequests({
      logger: requests,
      observe: (labels, seconds) =>
        parts.metrics.observe({ name: 'vitrine_http_request_seconds', labels }, seconds),
    }),
  );
  app.use(requireLogin(parts.authentication));
  app.use(serveDashboard(parts.dashboard));
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.useBodyParser('text', { limit: BODY_LIMIT, type: YAML_TYPES });
  app.use(decodeYamlBody);
  app.use(refuseOddBodies);
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Vitrine API',
  });
  app.enableShutdownHooks();
  return app;
}
