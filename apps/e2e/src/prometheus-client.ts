import { z } from 'zod';

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ labels: z.record(z.string(), z.string()), state: z.enum(['pending', 'firing']) }),
    ),
  }),
});

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks a running Prometheus. */
export class PrometheusClient {
  constructor(private readonly url: string) {}

  /** @throws Error when the expression is none */
  async values(expr: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${expr}: ${JSON.stringify(body)}`);
    return answerSchema
      .parse(body)
      .data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Names of the alerts that fire. */
  async firing(): Promise<string[]> {
    const body: unknown = await (await fetch(`${this.url}/api/v1/alerts`)).json();
    const { alerts } = alertsSchema.parse(body).data;
    return [
      ...new Set(
        alerts.flatMap(({ labels, state }) => (state === 'firing' ? (labels['alertname'] ?? []) : [])),
      ),
    ];
  }
}
