/** Media type of Prometheus' text format. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Several pages of Prometheus' text format as one. The format wants all samples of a family together under one HELP and
 * TYPE, so families that occur on several pages are joined.
 */
export function mergeExpositions(pages: readonly string[]): string {
  const families = new Map<string, { head: string[]; samples: string[] }>();
  for (const page of pages) {
    let current = '';
    for (const line of page.split('\n')) {
      const [, keyword, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name !== undefined) current = name;
      else if (line === '' || line === '# EOF') continue;
      const family = families.get(current) ?? { head: [], samples: [] };
      families.set(current, family);
      if (keyword === undefined) family.samples.push(line);
      else if (!family.head.some((known) => known.startsWith(`# ${keyword} `))) family.head.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricsPageOptions {
  readonly metrics: { text(): Promise<string> };
  /** Other exporters of this process, such as that of Temporal's SDK, which listens on a port of its own. */
  readonly exporters: readonly string[];
}

const EXPORTER_MILLISECONDS = 2_000;

/** The page to serve at `/metrics`. An exporter that does not answer costs its own samples only, and is named in a comment. */
export function createMetricsPage({ metrics, exporters }: MetricsPageOptions): MetricsPage {
  return {
    contentType: EXPOSITION_TYPE,
    text: async () => mergeExpositions(await Promise.all([metrics.text(), ...exporters.map(readExporter)])),
  };
}

async function readExporter(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(EXPORTER_MILLISECONDS) });
    return answer.ok ? await answer.text() : `# ${url} answered ${answer.status}\n`;
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return `# ${url} did not answer: ${cause?.code ?? (error as Error).name}\n`;
  }
}
