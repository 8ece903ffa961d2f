import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import type { ServedConsole } from '../support/browser/console-host.js';
import { networkTroubles, openConsole } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { upTo } from '../support/watched.js';
import type { WorkerRef } from '../../src/index.js';

const browser = suiteBrowser();

const lines = (from: number, to: number): string[] => upTo(to, from).map((line) => `line ${line}`);
const textsOf = ({ log }: ConsolePage) => log.locator('article[data-role="assistant"] .text').allTextContents();
const isIdle = async ({ host }: ServedConsole, worker: WorkerRef) => {
  const answer = await host.runtime.read({ type: 'worker', worker });
  return answer.outcome === 'answered' && answer.worker.status === 'idle';
};

/** Asks for what is earlier until all is there. */
async function showAll(shown: ConsolePage): Promise<void> {
  for (;;) {
    const before = (await shown.entries()).length;
    if ((await shown.button('Show earlier').count()) === 0) return;
    await shown.button('Show earlier').click();
    await expect.poll(async () => (await shown.entries()).length).toBeGreaterThan(before);
  }
}

test.skipIf(!isChromiumThere)(
  'P5: a page that is reloaded in the middle of a run shows the same as one that never was [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create({ displayName: 'Storyteller' });
    const steady = await openConsole(browser(), served, { worker });
    await steady.send('mixed');
    const reloaded = await openConsole(browser(), served, { worker });
    for (const shown of [steady, reloaded]) await shown.log.getByText('line 5').waitFor();
    await reloaded.page.reload();
    await reloaded.log.getByText('line 5').waitFor();
    expect(await reloaded.entries()).toEqual(await steady.entries());
    await reloaded.reaches('busy');
    expect(await reloaded.button('Cancel').isVisible()).toBe(true);
    served.host.gate.open();
    for (const shown of [steady, reloaded]) await shown.log.getByText('It begins.', { exact: true }).waitFor();
    for (const page of [steady, reloaded]) await page.reaches('idle');
    expect(await reloaded.entries()).toEqual(await steady.entries());
    expect(await reloaded.log.locator('pre.output').innerText()).toBe(`${lines(1, 10).join('\n')}\n`);
  },
);

test.skipIf(!isChromiumThere)(
  'a page that is reloaded in the middle of 120 messages shows the last 50, then every later one, and the earlier when asked [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create();
    const steady = await openConsole(browser(), served, { worker });
    await steady.send('messages 120');
    await expect.poll(() => textsOf(steady)).toEqual(lines(1, 60));
    const shown = await openConsole(browser(), served, { worker });
    await expect.poll(() => textsOf(shown)).toEqual(lines(11, 60));
    await shown.page.reload();
    await expect.poll(() => textsOf(shown)).toEqual(lines(11, 60));
    served.host.gate.open();
    for (const page of [steady, shown]) await page.reaches('idle');
    await expect.poll(async () => (await textsOf(shown)).at(-1)).toBe('line 120');
    const drawn = await textsOf(shown);
    expect(drawn).toEqual(lines(121 - drawn.length, 120));
    for (const page of [steady, shown]) await showAll(page);
    expect(await textsOf(shown)).toEqual(lines(1, 120));
    expect(await shown.entries()).toEqual(await steady.entries());
  },
);

test.skipIf(!isChromiumThere)(
  'P5: a page whose network is cut says that it reconnects, and shows every line once in order when it is back [needs chromium]',
  async () => {
    const served = await servedConsole();
    const { host, between } = served;
    const worker = await host.create();
    const shown = await openConsole(browser(), served, { worker, expects: networkTroubles });
    await shown.send('messages 60');
    await expect.poll(() => textsOf(shown)).toEqual(lines(1, 30));
    expect(await shown.banner.count()).toBe(0);

    between.down();
    await shown.banner.waitFor();
    host.gate.open();
    await expect.poll(() => isIdle(served, worker)).toBe(true);
    expect(await textsOf(shown)).toEqual(lines(1, 30));
    await shown.send('say nobody hears it');
    await shown.alert.first().waitFor();
    expect(await shown.alert.first().locator('code').first().innerText()).toBe('runtime-unavailable');
    expect(await shown.alert.first().innerText()).toContain('It may have run.');
    expect(await shown.input.inputValue()).toBe('say nobody hears it');

    between.up();
    await shown.banner.waitFor({ state: 'detached' });
    await expect.poll(() => textsOf(shown)).toEqual(lines(1, 60));
    await shown.reaches('idle');
    await shown.input.focus();
    await shown.page.keyboard.press('Enter');
    await expect.poll(() => textsOf(shown)).toEqual([...lines(1, 60), 'nobody hears it']);
    expect(await shown.input.inputValue()).toBe('');
  },
);

test.skipIf(!isChromiumThere)(
  'W8: an input whose answers are all lost is run once, also when it is sent again [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create();
    const shown = await openConsole(browser(), served, { worker, expects: networkTroubles });
    await shown.input.waitFor();
    await shown.page.route('**/inputs', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await shown.send('say once');
    await shown.alert.getByText('runtime-unavailable').waitFor();
    expect(await shown.input.inputValue()).toBe('say once');
    await shown.page.unroute('**/inputs');
    await shown.input.press('Enter');
    await expect.poll(() => shown.input.inputValue()).toBe('');
    await shown.send('say twice');
    await shown.log.getByText('twice', { exact: true }).waitFor();
    expect(await textsOf(shown)).toEqual(['once', 'twice']);
  },
);
