import type { Environment } from './variables.js';

/** The environment of this process: for `readConfig`, and to hand on to processes that are started. Read nowhere else. */
export function processEnvironment(): Environment {
  return process.env;
}
