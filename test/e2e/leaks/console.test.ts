import { expect, test } from 'vitest';

import { suiteBrowser } from '../../support/browser/browser.js';
import { isChromiumThere } from '../../support/browser/chromium.js';
import { accessToken } from '../../support/host-process.js';
import { canaries } from '../../support/leaks/canary.js';
import { leaksIn, textsIn } from '../../support/leaks/leaks-in.js';
import { watchPage } from '../../support/leaks/page-texts.js';
import type { Reach } from '../../support/leaks/program-host.js';
import { programHost } from '../../support/leaks/program-host.js';
import { machine } from '../../support/leaks/tells-nothing.js';
import type { PageTexts } from '../../support/leaks/recording.js';

const browser = suiteBrowser();

const spawns = ['connected', 'rejected', 'errored', 'exit'];
/** What the Worker is told, and where a person then sees what became of it. */
const inputs: readonly (readonly [input: string, shown: string])[] = [
  ['content', 'article[data-role="assistant"]'],
  ['declared', '[data-failure="run-failed"]'],
  ['undeclared', '[data-failure="run-failed"]'],
  ['errored', '[role="alert"] .correlation-id'],
  ['exit', '[data-status="unconnected"]'],
];

test.skipIf(!isChromiumThere).each<Reach>(['subprocess', 'remote-socket'])(
  'B2, B3: nothing of a program behind %s that gives its secrets away is in what the console shows or keeps [needs chromium]',
  async (reach) => {
    const canary = canaries();
    const { host, end } = await programHost(reach, canary, spawns);
    const context = await browser().newContext();
    try {
      const page = await context.newPage();
      const texts = watchPage(page);
      const seen: PageTexts[] = [];
      const look = async (): Promise<void> => void seen.push(await texts());
      await page.goto(host.url);
      await page.getByLabel('Access token or code').fill(accessToken);
      await page.getByRole('button', { name: 'Sign in' }).click();
      for (const spawn of spawns.slice(1)) {
        await page.goto(`${host.url}/#/new`);
        await page.getByRole('radio', { name: spawn }).check();
        await page.getByRole('button', { name: 'Create' }).click();
        await page.getByRole('alert').waitFor();
        await look();
      }
      for (const [input, shown] of inputs) {
        await page.goto(`${host.url}/#/new`);
        await page.getByRole('radio', { name: 'connected' }).check();
        await page.getByRole('button', { name: 'Create' }).click();
        const field = page.getByRole('textbox', { name: 'Input', exact: true });
        await field.fill(input);
        await field.press('Enter');
        await page.locator(`main ${shown}`).first().waitFor();
        await look();
      }
      // Where a person signs in by it the access token is what the tab keeps.
      const shownAlone = seen.map(({ sessionStorage: _, ...shown }) => shown);
      for (const dom of seen) expect(leaksIn({ dom }, canary.planted)).toEqual([]);
      for (const dom of shownAlone) expect(textsIn({ dom }, [...machine, accessToken])).toEqual([]);
      expect(seen.filter(({ innerText }) => innerText?.includes('Correlation id')).length).toBeGreaterThan(1);
    } finally {
      await context.close();
      for (const run of end.reverse()) await run();
    }
  },
);
