import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the API uses of an express request. */
export interface Request extends IncomingMessage {
  body?: unknown;
  /** The whole path with its query, wherever the handler is mounted. */
  readonly originalUrl: string;
  readonly path: string;
  /** The route that answered, once one has been found. */
  readonly route?: { readonly path?: string };
  requestId?: string;
}

export type Response = ServerResponse;
export type Next = (error?: unknown) => void;
export type Middleware = (request: Request, response: Response, next: Next) => void;

/** A header that came once. */
export function header(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Sends JSON past the framework, for answers that no route gives. */
export function sendJson(response: Response, status: number, document: unknown): void {
  response.statusCode = status;
  if (!response.hasHeader('content-type'))
    response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(document));
}
