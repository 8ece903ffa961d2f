import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

import { isChromiumThere, startChromium } from './chromium.js';

/** The one browser of a test file, from its first test to its last. */
export function suiteBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (isChromiumThere) browser = await startChromium();
  });
  afterAll(async () => browser?.close());
  return () => {
    if (!browser) throw new Error('there is no browser');
    return browser;
  };
}
