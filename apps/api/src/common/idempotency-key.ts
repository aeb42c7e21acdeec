import { z } from 'zod';
import { checkRequest } from './schema.pipe.js';

const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces')
  .optional();

/** The key by which a client sends the same submission again. @throws VitrineError InvalidRequest */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  return checkRequest(idempotencyKeySchema, header, 'header Idempotency-Key');
}
