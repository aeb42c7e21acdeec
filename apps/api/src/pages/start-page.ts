import type { PageLink } from '../parts.js';

const OWN: readonly PageLink[] = [
  { title: 'Runs', url: '/api/v1/runs' },
  { title: 'Readiness of Temporal and S3', url: '/ready' },
  { title: 'Description of this API', url: '/docs' },
  { title: 'Metrics', url: '/metrics' },
];

/** What a browser shows until there is a real page: what runs where. */
export function startPage({ version, links }: { version: string; links: readonly PageLink[] }): string {
  const items = [...OWN, ...links]
    .map(({ title, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(title)}</a></li>`)
    .join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Vitrine</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style>
<h1>Vitrine ${escapeHtml(version)}</h1>
<p>This is the API. Runs are started and followed with <code>vitrine run</code> and <code>vitrine show</code>.</p>
<ul>
${items}
</ul>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
