import { VitrineError } from '@vitrine/contracts';
import { cookieValue, SESSION_COOKIE, type Authentication } from './authentication.js';
import { askToLogIn, isPage } from '../pages/log-in-page.js';
import { header, type Middleware, type Request } from './http.js';

/** Answers without a token: liveness probes have none, and logging in is how a browser gets one. */
const PUBLIC = new Set(['/health', '/login']);

/**
 * Refuses whatever has neither the token nor a browser's session. It stands before the router, so no route, page or document
 * can be forgotten. A session changes something only for the API's own page: a cookie goes along with requests that other
 * pages provoke, those of other ports of this machine among them, and the origin tells them apart.
 */
export function requireLogin(authentication: Authentication): Middleware {
  return (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const known =
      PUBLIC.has(request.path) ||
      authentication.isBearer(header(request, 'authorization')) ||
      ((reads || isOwnPage(request)) &&
        authentication.isSigned('session', cookieValue(request.headers.cookie, SESSION_COOKIE)));
    if (known) next();
    else if (reads && isPage(request.path)) askToLogIn(response);
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

/** What a session may change. Neither what workers report nor the session itself: a login link is made with the token. */
const CHANGED_BY_SESSION = /^\/api\/v1\/(?!login-links)/;

/** Whether a request comes from a page of this very origin, port included. Browsers name it whenever they send a body. */
function isOwnPage(request: Request): boolean {
  const site = header(request, 'sec-fetch-site');
  return (
    CHANGED_BY_SESSION.test(request.path) &&
    (site === undefined || site === 'same-origin') &&
    hostOf(header(request, 'origin')) === header(request, 'host')
  );
}

function hostOf(origin: string | undefined): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin ?? '')?.[1];
}
