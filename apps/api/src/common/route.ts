import { applyDecorators, Delete, Get, HttpCode, Post, Put, SerializeOptions } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '@vitrine/contracts';
import type { z } from 'zod';

interface RouteFacts {
  readonly summary: string;
  readonly description?: string;
  /** Of the answer that is not an error. Default 200. */
  readonly status?: number;
  /** Its JSON: checked before it is sent, and described in the document. */
  readonly response?: z.ZodType;
  /** Or its media types, where it is not JSON. */
  readonly produces?: readonly string[];
  /** Codes that this route itself can answer with; those of every route are added. */
  readonly errors: readonly ErrorCode[];
  /** Answers without a token. */
  readonly open?: boolean;
}

const METHODS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete };

/**
 * One route with all that clients are told of it. Method decorators run after those of the parameters, so the schemas that
 * `@Body({ schema })` and the like declare are known by now; the OpenAPI scanner only looks at them where TypeScript's
 * `design:paramtypes` stands, which no bundler but tsc emits. It is set here, since the document needs the schemas alone.
 */
export function Route(method: keyof typeof METHODS, path: string, facts: RouteFacts): MethodDecorator {
  const status = facts.status ?? 200;
  return applyDecorators(
    withParameterTypes,
    METHODS[method](path),
    HttpCode(status),
    ApiOperation({
      summary: facts.summary,
      ...(facts.description !== undefined && { description: facts.description }),
    }),
    ...(facts.open ? [] : [ApiSecurity('token')]),
    ...(facts.response ? [SerializeOptions({ schema: facts.response })] : []),
    successResponse(status, facts),
    ...errorResponses(facts),
  );
}

const withParameterTypes: MethodDecorator = (prototype, key, descriptor) => {
  const handler = descriptor.value as unknown as (...args: unknown[]) => unknown;
  const types = Array.from({ length: handler.length }, () => Object);
  Reflect.defineMetadata('design:paramtypes', types, prototype, key);
};

function successResponse(status: number, { response, produces, summary }: RouteFacts): MethodDecorator {
  if (response) return ApiResponse({ status, description: summary, standardSchema: response });
  const content = Object.fromEntries((produces ?? []).map((type) => [type, { schema: { type: 'string' } }]));
  return ApiResponse({ status, description: summary, ...(produces && { content }) });
}

function errorResponses({ errors, open }: RouteFacts): MethodDecorator[] {
  const codes = new Set<ErrorCode>([...errors, 'Internal', ...(open ? [] : (['Unauthorized'] as const))]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes)
    byStatus.set(ERRORS[code].http, [...(byStatus.get(ERRORS[code].http) ?? []), code]);
  return [...byStatus].map(([status, found]) =>
    ApiResponse({
      status,
      description: found.map((code) => `\`${code}\`: ${ERRORS[code].hint}`).join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
  );
}
