import { existsSync } from 'node:fs';

import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const path = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find(
  (candidate) => candidate !== undefined && existsSync(candidate),
);

export const isChromiumThere = path !== undefined;

/** Who starts it closes it. */
export function startChromium(): Promise<Browser> {
  if (path === undefined) throw new Error('there is no Chromium: name one in CHROMIUM_PATH');
  return chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
  });
}
