import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

/** Documents that people write: the page shows, edits and sends them as they are, and the API checks them. */
const DOCUMENTS = ['PipelineSpec', 'SweepSpec'];

/**
 * Types of every route and answer, for the page's client.
 * @param {string} path of the API's description
 * @returns {Promise<string>}
 */
export async function webClient(path) {
  const description = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of DOCUMENTS)
    description.components.schemas[name] = { type: 'object', additionalProperties: true };
  const ast = await openapiTS(description, { alphabetize: false });
  return `// Written by \`npm run docs\` from apps/api/openapi.json.\n\n${astToString(ast)}`;
}
