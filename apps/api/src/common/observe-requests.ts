import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { header, type Middleware, type Request, type Response } from './http.js';

export interface RequestObserver {
  readonly logger: Pick<LoggerService, 'log'>;
  /** Seconds a request took, by method, route pattern and status. */
  observe(labels: { method: string; route: string; status: string }, seconds: number): void;
}

/** Reading that went well is no news: followers read every second. */
function isNews(request: Request, response: Response): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return response.statusCode >= 400 || !(reads || request.path === '/internal/events');
}

/** Gives each request an id, and says and measures how it ended. Queries and headers are never logged: they may hold secrets. */
export function observeRequests(observer: RequestObserver): Middleware {
  return (request, response, next) => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    request.requestId = requestId;
    response.setHeader('x-request-id', requestId);
    response.setHeader('x-content-type-options', 'nosniff');
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const method = request.method ?? 'GET';
      const route = request.route?.path ?? 'none';
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      observer.observe({ method, route, status }, seconds);
      if (isNews(request, response))
        observer.logger.log({
          requestId,
          method,
          path: request.path,
          status,
          milliseconds: Math.round(seconds * 1000),
        });
    });
    next();
  };
}

/** A caller's own id is kept if it is one, so that both logs can be joined. */
function requestIdOf(request: Request): string {
  const given = header(request, 'x-request-id');
  return given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
