import type { Browser } from 'playwright-core';

import { loadScript } from '../../house/load-script.js';

interface ChromiumScript {
  chromiumPath(): string | undefined;
  startChromium(): Promise<Browser>;
}

const script = await loadScript<ChromiumScript>('scripts/lib/chromium.mjs');

export const isChromiumThere = script.chromiumPath() !== undefined;

/** Who starts it closes it. */
export const startChromium = (): Promise<Browser> => script.startChromium();
