import { resolve } from 'node:path';
import { Dashboard, LocalStack, NARROW, smallPipeline, startChromium, WIDE, type Look } from '@vitrine/e2e';

/** `npm run screenshots`, in the folder of the project: takes the pictures of the documents from runs on a stack of its own. */
const FOLDER = resolve('infra/docs/images');

interface Picture {
  readonly name: string;
  readonly look: Look;
  readonly path: string;
  /** On the page once it shows what the picture is of. */
  readonly ready: RegExp;
}

function pictures(run: string): readonly Picture[] {
  return [
    { name: 'page-run', look: WIDE, path: `${run}?stage=harden`, ready: /Where its result comes from/ },
    {
      name: 'page-curves-dark',
      look: { ...WIDE, theme: 'dark' },
      path: `${run}?tab=curves`,
      ready: /gradientNorm/,
    },
    { name: 'page-runs', look: WIDE, path: '/p/default/runs', ready: /2 runs/ },
    { name: 'page-launch', look: WIDE, path: '/p/default/launch', ready: /nothing waits/ },
    { name: 'page-narrow', look: NARROW, path: run, ready: /Succeeded in/ },
  ];
}

async function main(): Promise<void> {
  const stack = await LocalStack.up();
  const browser = await startChromium();
  try {
    const handle = await stack.submit(smallPipeline());
    await stack.end(handle, 900_000);
    // A second one, all of which is found.
    await stack.end(await stack.submit(smallPipeline()));
    for (const { name, look, path, ready } of pictures(`/p/default/runs/${handle.runId}`)) {
      const seen = await Dashboard.open(browser, stack, look);
      await seen.goTo(path);
      await seen.page.getByText(ready).first().waitFor();
      // The graph fits itself into its place once it has been drawn.
      await seen.page.waitForTimeout(1_000);
      await seen.page.screenshot({ path: resolve(FOLDER, `${name}.png`) });
      await seen.close();
      process.stdout.write(`${name}.png\n`);
    }
  } finally {
    await browser.close();
    await stack.destroy();
  }
}

await main();
