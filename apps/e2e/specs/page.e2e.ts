import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../src/chromium.js';
import { Dashboard, NARROW, WIDE, type Look } from '../src/dashboard.js';
import { LocalStack } from '../src/local-stack.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PIPELINE = `# Written by a test.
version: 1
name: page
stages:
  train:
    kind: train
    params:
      model: { width: 24, depth: 1 }
      train: { limit: 128 }
      test: { limit: 64 }
      epochs: 2
  report:
    kind: report
    params: { title: What the page launched }
    inputs:
      histories: { trained: train.history }
`;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 A and AA, in words. */
async function violations({ page }: Dashboard): Promise<readonly string[]> {
  // The page's policy lets no script be added to it; the browser's own protocol is not the page.
  await page.evaluate(axe);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${html.slice(0, 160)}: ${failureSummary.replace(/\s+/g, ' ')}`,
    ),
  );
}

describe('the dashboard in a browser', () => {
  let stack: LocalStack;
  let browser: Browser;
  let wide: Dashboard;
  let run = '';

  beforeAll(async () => {
    [stack, browser] = await Promise.all([LocalStack.up(), startChromium()]);
    wide = await Dashboard.open(browser, stack, WIDE);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.destroy();
  });

  it('says what to do while nothing has run', async () => {
    await wide.page.getByRole('heading', { name: 'Nothing has run yet' }).waitFor();
    await wide.page.getByText('npx vitrine run infra/local/quick.yaml').waitFor();
  });

  it('shows what is wrong with a pipeline at its line, and launches it once it is right', async () => {
    const { page } = wide;
    await wide.goTo('/p/default/launch');
    await wide.write(PIPELINE.replace('epochs: 2', 'epochs: 0'));
    const problem = page.getByRole('alert').getByText('stages.train.params.epochs');
    await problem.waitFor();
    await page.getByRole('button', { name: 'Line 11' }).waitFor();
    const launch = page.getByRole('button', { name: /^Launch/ });
    expect(await launch.getAttribute('aria-disabled')).toBe('true');
    // The form mends the text, and the comment above it stays.
    await page.getByLabel('epochs', { exact: true }).fill('2');
    await problem.waitFor({ state: 'detached' });
    expect(await page.locator('.cm-content').innerText()).toContain('# Written by a test.');
    await page.getByRole('region', { name: 'Plan' }).getByText('computed').first().waitFor();
    await launch.click();
    await page.waitForURL(/\/p\/default\/runs\/page-/);
    run = new URL(page.url()).pathname;
  });

  it('follows the run to its end without being loaded anew', async () => {
    const { page } = wide;
    await page
      .getByText(/^Succeeded in .*: 2 stages\.$/)
      .first()
      .waitFor({ timeout: 300_000 });
    await page.getByRole('button', { name: /^train succeeded/ }).click();
    const drawer = page.getByRole('complementary', { name: 'Stage train' });
    await drawer.getByText('Where its result comes from').waitFor();
    await drawer.getByRole('link', { name: 'history' }).waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
  });

  it('shows the report in a frame in which no script runs', async () => {
    const { page } = wide;
    await page.getByRole('link', { name: 'Report' }).click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'What the page launched' }).waitFor();
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
  });

  it('draws the curves, reads the log and looks into the weights', async () => {
    const { page } = wide;
    await wide.goTo(`${run}?tab=curves`);
    await page.getByRole('img', { name: /^loss: train from / }).waitFor();
    await wide.goTo(`${run}?tab=logs&stage=train`);
    await page.getByRole('log').getByText('succeeded').waitFor();
    await wide.goTo(`${run}?tab=artifacts&file=train%2Fmodel`);
    await page.getByRole('rowheader', { name: 'head.weight', exact: true }).waitFor();
  });

  it('finds a run by its filter and opens it by keys alone', async () => {
    const { page } = wide;
    await wide.goTo('/p/default/runs');
    await page.getByRole('link', { name: 'page', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('status:failed');
    await page.getByRole('heading', { name: 'No run fits' }).waitFor();
    for (let letter = 0; letter < 'failed'.length; letter += 1) await page.keyboard.press('Backspace');
    await page.keyboard.type('succeeded pipeline:page');
    await page.getByRole('link', { name: 'page', exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?q=status%3Asucceeded+pipeline%3Apage');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.locator('[data-run]:focus').waitFor();
    await page.keyboard.press('x');
    await page.getByRole('region', { name: 'Selected runs' }).getByText('1 selected').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === run);
    await page.goBack();
    await page.getByText('1 selected').waitFor();
  });

  const looks: readonly [string, Look][] = [
    ['light and wide', WIDE],
    ['dark and wide', { ...WIDE, theme: 'dark' }],
    ['light and narrow', NARROW],
    ['dark and narrow', { ...NARROW, theme: 'dark' }],
  ];

  it.each(looks)(
    'is open to everybody, %s: axe finds nothing, and nothing runs out of the page',
    async (_, look) => {
      const seen = await Dashboard.open(browser, stack, look);
      const found: string[] = [];
      const pages: readonly [path: string, ready: RegExp][] = [
        ['/p/default', /Finished in the last day/],
        ['/p/default/runs', /1 run$/],
        [run, /Succeeded in/],
        [`${run}?stage=train`, /Where its result comes from/],
        [`${run}?tab=timeline`, /waited for a device/],
        [`${run}?tab=curves`, /gradientNorm/],
        [`${run}?tab=logs`, /lines$/],
        [`${run}?tab=artifacts&file=train%2Fhistory`, /Kept at/],
        [`${run}?tab=spec`, /Copy the pipeline/],
        ['/p/default/launch', /Start over/],
        ['/p/default/launch?from=page-0', /Try again/],
        ['/p/nothing/runs', /Nothing has run yet/],
        ['/p/default/nowhere', /no page at this address/],
      ];
      try {
        for (const [path, ready] of pages) {
          await seen.goTo(path);
          await seen.page.getByText(ready).first().waitFor({ state: 'attached' });
          found.push(...(await violations(seen)).map((text) => `${path}: ${text}`));
          const wider = await seen.page.evaluate<boolean>(
            'document.documentElement.scrollWidth > innerWidth',
          );
          if (wider) found.push(`${path}: the page is wider than its window`);
        }
        expect(found).toEqual([]);
        expect(seen.complaints).toEqual([]);
      } finally {
        await seen.close();
      }
    },
  );

  it('never broke its own policy', () => {
    expect(wide.complaints).toEqual([]);
  });
});
