import { Controller, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { VitrineError, loginLinkSchema } from '@vitrine/contracts';
import { z } from 'zod';
import { SESSION_COOKIE } from '../common/authentication.js';
import { header, type Request, type Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { startPage } from './start-page.js';

const loginQuerySchema = z.strictObject({ ticket: z.string().max(200) });

@ApiTags('browser')
@Controller()
export class PagesController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', '', {
    summary: 'A plain page that says what runs where',
    produces: ['text/html'],
    errors: [],
  })
  start(@Res() response: Response): void {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.setHeader('referrer-policy', 'no-referrer');
    response.end(startPage({ version: this.parts.version, links: this.parts.links() }));
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
      'Sets a cookie for twelve hours, which reads and never changes anything, and goes on to `/`.',
    status: 303,
    produces: ['text/html'],
    errors: ['InvalidRequest', 'Unauthorized'],
    open: true,
  })
  login(
    @Query({ schema: loginQuerySchema }) { ticket }: { ticket: string },
    @Res() response: Response,
  ): void {
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
    response.setHeader('location', '/');
    response.end();
  }
}
