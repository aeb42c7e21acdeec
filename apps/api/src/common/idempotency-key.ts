import { ApiHeader } from '@nestjs/swagger';
import type { ErrorCode } from '@vitrine/contracts';
import { z } from 'zod';
import { checkRequest } from './schema.pipe.js';

const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces')
  .optional();

/** Documents the header on a route that makes a run of a pipeline, or a sweep of a sweep. */
export const IdempotencyKeyHeader = (described: string, made: string): MethodDecorator =>
  ApiHeader({
    name: 'idempotency-key',
    required: false,
    description: `The same key with the same ${described} gives the same ${made}, however often it is sent.`,
  });

/** Of routes that take such a key. */
export const SUBMISSION_ERRORS: readonly ErrorCode[] = [
  'InvalidSpec',
  'InvalidRequest',
  'InvalidConfig',
  'Conflict',
  'TemporalUnavailable',
  'StorageUnavailable',
  'DiskFull',
];

/** The key by which a client sends the same submission again. @throws VitrineError InvalidRequest */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  return checkRequest(idempotencyKeySchema, header, 'header Idempotency-Key');
}
