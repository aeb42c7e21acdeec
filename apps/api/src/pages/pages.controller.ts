import { Controller, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { VitrineError, aboutSchema, loginLinkSchema, type About } from '@vitrine/contracts';
import { z } from 'zod';
import { SESSION_COOKIE } from '../common/authentication.js';
import { header, type Request, type Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts, type PageLink } from '../parts.js';

const loginQuerySchema = z.strictObject({
  ticket: z.string().max(200),
  /** The page to go on to. */
  to: z
    .string()
    .max(2000)
    .regex(/^\/(p\/[^\\\s]*)?$/, 'expected the address of a page, such as /p/default/runs')
    .default('/'),
});
type LoginQuery = z.infer<typeof loginQuerySchema>;

const OWN: readonly PageLink[] = [
  { title: 'Description of this API', url: '/docs' },
  { title: 'Readiness of Temporal and S3', url: '/ready' },
  { title: 'Metrics', url: '/metrics' },
];

@ApiTags('browser')
@Controller()
export class PagesController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', 'api/v1/about', {
    summary: 'Say what this installation is, and where the rest of it is found',
    response: aboutSchema,
    errors: [],
  })
  about(): About {
    return { version: this.parts.version, links: [...OWN, ...this.parts.links()] };
  }

  @Route('POST', 'api/v1/login-links', {
    summary: 'Make a link that logs a browser in',
    description: 'The link is good for five minutes. It holds a signature, not the token.',
    status: 201,
    response: loginLinkSchema,
    errors: [],
  })
  loginLink(@Req() request: Request): { url: string; expiresAt: string } {
    const { value, expiresAt } = this.parts.authentication.sign('login');
    const url = `http://${header(request, 'host') ?? 'localhost'}/login?ticket=${value}`;
    return { url, expiresAt: expiresAt.toISOString() };
  }

  @Route('GET', 'login', {
    summary: 'Open a session for this browser',
    description:
      'Sets a cookie for twelve hours and goes on to the page. The cookie reads; it changes something only for the own page of this API.',
    status: 303,
    produces: ['text/html'],
    errors: ['InvalidRequest', 'Unauthorized'],
    open: true,
  })
  login(@Query({ schema: loginQuerySchema }) { ticket, to }: LoginQuery, @Res() response: Response): void {
    if (!this.parts.authentication.isSigned('login', ticket))
      throw new VitrineError('Unauthorized', 'The login link is not valid any more.', {
        where: 'GET /login',
        expected: 'a link not older than five minutes',
        actual: 'a link that has expired or was not made by this API',
        hint: 'Ask for a new link with `vitrine status`.',
      });
    const { value, seconds } = this.parts.authentication.sign('session');
    response.statusCode = 303;
    response.setHeader(
      'set-cookie',
      `${SESSION_COOKIE}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict`,
    );
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'no-store');
    response.setHeader('location', to);
    response.end();
  }
}
