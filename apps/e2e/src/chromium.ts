import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** @throws Error that says what to install */
function findChromium(): string {
  const named = process.env.VITRINE_CHROMIUM_BIN;
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES)
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // The next place.
      }
    }
  throw new Error(
    `There is no Chromium: expected one of ${NAMES.join(', ')} on PATH. ` +
      'Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium; or name one with VITRINE_CHROMIUM_BIN.',
  );
}

/** A Chromium of this machine, without a window. Close it when done. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Its sandbox wants what root and containers have not; it sees nothing here but this project's own pages.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
