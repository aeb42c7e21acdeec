import type { ApiMetrics } from '../parts.js';
export function createApiMetrics(): ApiMetrics {
  return { contentType: 'text/plain', text: () => Promise.resolve(''), observeRequest: () => undefined };
}
