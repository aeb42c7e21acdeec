import { parseAround } from './parse-around.js';
import { sweepSpecSchema, type SweepSpec } from './sweep-spec.js';

/**
 * Checks a decoded YAML or JSON document of a sweep.
 * @throws VitrineError InvalidSpec with one line per wrong field: its path, what was expected, what was found
 */
export function parseSweepSpec(document: unknown, source = 'sweep'): SweepSpec {
  return parseAround(document, source, { schema: sweepSpecSchema, kind: 'sweep', pipeline: ['pipeline'] });
}
