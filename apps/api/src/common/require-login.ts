import { VitrineError } from '@vitrine/contracts';
import { cookieValue, SESSION_COOKIE, type Authentication } from './authentication.js';
import { header, type Middleware } from './http.js';

/** Answers without a token: liveness probes have none, and logging in is how a browser gets one. */
const PUBLIC = new Set(['/health', '/login']);

/**
 * Refuses whatever has neither the token nor, for reading, a browser's session. It stands before the router, so no route,
 * page or document can be forgotten.
 */
export function requireLogin(authentication: Authentication): Middleware {
  return (request, _response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const known =
      PUBLIC.has(request.path) ||
      authentication.isBearer(header(request, 'authorization')) ||
      // A cookie goes along with requests that other pages provoke, so it never changes anything.
      (reads && authentication.isSigned('session', cookieValue(request.headers.cookie, SESSION_COOKIE)));
    if (known) next();
    else
      next(
        new VitrineError('Unauthorized', 'The request carries no valid token.', {
          where: `${request.method} ${request.path}`,
          expected: 'the header `Authorization: Bearer <token>`, or a session opened by a login link',
          actual:
            header(request, 'authorization') === undefined ? 'neither' : 'a token that is not this API’s',
          hint: 'Send the token of credentials.json, or open the link that `vitrine status` prints.',
        }),
      );
  };
}
