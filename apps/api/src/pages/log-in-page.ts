import type { Response } from '../common/http.js';

/** Addresses of the dashboard: what a person types, follows or has kept. */
export function isPage(path: string): boolean {
  return path === '/' || path.startsWith('/p/');
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Vitrine: not logged in</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style>
<main>
<h1>This browser is not logged in</h1>
<p>Run <code>npx vitrine status</code> where the stack runs, and open the link it prints. It is good for five minutes; the session it opens lasts twelve hours.</p>
</main>
</html>
`;

/** Answers a browser without a session in words, where a program would get a problem document. */
export function askToLogIn(response: Response): void {
  response.statusCode = 401;
  response.setHeader('www-authenticate', 'Bearer');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
  response.setHeader('cache-control', 'no-store');
  response.end(PAGE);
}
