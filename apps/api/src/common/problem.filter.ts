import { Catch, Inject, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from './http.js';
import { sendJson } from './http.js';
import { requestError, toProblem } from './problem.js';

/** Every failure becomes a problem document; what is our fault is logged with its cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = requestError(thrown, `${request.method} ${request.path}`);
    const problem = toProblem(error, request.requestId ?? '');
    if (problem.status >= 500)
      this.logger.error({
        requestId: problem.requestId,
        code: problem.code,
        error: error.message,
        where: problem.where,
        cause: error.cause instanceof Error ? error.cause.stack : undefined,
      });
    if (response.headersSent) {
      // Too late for a status: cutting the connection is how a client learns that the bytes are not all there.
      response.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) {
      if (name.startsWith('content-') || name === 'etag') response.removeHeader(name);
    }
    response.setHeader('content-type', 'application/problem+json; charset=utf-8');
    response.setHeader('cache-control', 'no-store');
    if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer realm="vitrine"');
    sendJson(response, problem.status, problem);
  }
}
