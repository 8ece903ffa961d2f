import { existsSync } from 'node:fs';

/** The Chromium of this machine: what CHROMIUM_PATH names, else the one of the system; `undefined` where it is not there. */
export function chromiumPath() {
  const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}

/** Who starts it closes it. */
export async function startChromium() {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium: name one in CHROMIUM_PATH');
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
  });
}
