import { z } from 'zod';

/** `<package>/<name>`: something that a package brings, the package by the name that it gives itself. */
export const packagedNameSchema = z
  .string()
  .regex(/^[^\s/][^\s]*\/[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a package, a slash, one of what it brings');
