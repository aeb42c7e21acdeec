import { z } from 'zod';

/** Numbers arrive as text from the environment and as numbers from YAML. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

const PORT_RULE = 'expected a port from 0 to 65535';
const port = z.preprocess(numeric, z.int(PORT_RULE).min(0, PORT_RULE).max(65_535, PORT_RULE));
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http or https address, such as http://127.0.0.1:7080' })
  .transform((url) => url.replace(/\/+$/, ''));

/** The rule of each setting, whichever source it comes from. */
export const FIELDS = {
  path: z.string('expected a path').min(1, 'expected a path'),
  port,
  httpUrl,
  host: z.string('expected a host name or address').min(1, 'expected a host name or address'),
  token: z
    .string('expected a token')
    .regex(/^[\x21-\x7e]{8,}$/, 'expected at least 8 printable characters without spaces'),
  hostAndPort: z
    .string('expected host:port')
    .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'expected host:port, such as 127.0.0.1:7233'),
  name: z.string('expected a name').regex(/^\S+$/, 'expected a name without spaces'),
  bucket: z
    .string('expected a bucket name')
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'expected 3 to 63 lower-case letters, digits, dots and dashes',
    ),
  flag: z.boolean('expected true or false'),
};
