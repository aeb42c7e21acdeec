import { describe, expect, it } from 'vitest';
import { METRICS } from './metric-catalog.js';
import { METRIC_LABELS, type MetricDefinition, type MetricUnit } from './metric-definition.js';

const all = Object.entries<MetricDefinition>(METRICS);

/** How a name ends, by its unit: base units, and none where there is none. */
const SUFFIX: Record<MetricUnit, RegExp> = {
  seconds: /_seconds(_total)?$/,
  bytes: /_bytes(_total)?$/,
  ratio: /_ratio$/,
  count: /_total$|_(slots|slots_busy|backlog|running)$/,
  number: /_(loss|gradient_norm|learning_rate)$/,
  'per second': /_rate$/,
  celsius: /_celsius$/,
  watts: /_watts$/,
  info: /_(info|draining)$/,
};

describe('the catalogue of metrics', () => {
  it.each(all)('%s is named after its unit', (name, { unit, help }) => {
    expect(name).toMatch(/^vitrine_[a-z0-9_]+$/);
    expect(name).toMatch(SUFFIX[unit]);
    expect(name).not.toMatch(/milli|micro|mega|percent|_ms\b|_mb\b/);
    expect(help).toMatch(/^[A-Z1].*\.$/);
  });

  it.each(all)('%s has labels of bounded domains only', (_name, { labels }) => {
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(Object.keys(METRIC_LABELS)).toContain(label);
  });

  it('knows no label that grows with the work done', () => {
    for (const label of Object.keys(METRIC_LABELS))
      expect(label).not.toMatch(/run|stage|step|attempt|^id$|_id$|key|worker/);
  });

  it('has no label that no metric uses', () => {
    const used = new Set(all.flatMap(([, { labels }]) => [...labels]));
    expect(Object.keys(METRIC_LABELS).filter((label) => !used.has(label as never))).toEqual([]);
  });
});
