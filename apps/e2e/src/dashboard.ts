import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import type { LocalStack } from './local-stack.js';

const linkSchema = z.object({ url: z.string() });

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

export const WIDE: Look = { theme: 'light', width: 1280, height: 800 };
export const NARROW: Look = { theme: 'light', width: 390, height: 844 };

/** A person's browser that has opened the link which `vitrine status` prints. */
export class Dashboard {
  private constructor(
    readonly page: Page,
    private readonly url: string,
    /** What the browser complained of: errors of scripts, and whatever the page's policy refused. */
    readonly complaints: readonly string[],
  ) {}

  static async open(browser: Browser, stack: LocalStack, { theme, width, height }: Look): Promise<Dashboard> {
    const { api } = await stack.stackFile();
    if (!api) throw new Error('the API is not up');
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // What the API refuses is shown on the page, and is no defect of it.
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    const made = await stack.fetch('/api/v1/login-links', { method: 'POST' });
    const { url } = linkSchema.parse(await made.json());
    await page.goto(url);
    return new Dashboard(page, api.url, complaints);
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** Replaces the whole text of the editor. */
  async write(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Pipeline as YAML' }).fill(text);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
