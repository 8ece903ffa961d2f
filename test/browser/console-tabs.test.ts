import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import type { ConsoleHostOptions } from '../support/browser/console-host.js';
import { addressOf, openConsole, refusedWith } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';

const browser = suiteBrowser();

async function twoTabs(options: ConsoleHostOptions = {}) {
  const served = await servedConsole(options);
  const worker = await served.host.create();
  const one = await openConsole(browser(), served, { worker, expects: [refusedWith(401, 409)] });
  const other = await openConsole(browser(), served, { worker, expects: [refusedWith(401, 409)] });
  for (const { input } of [one, other]) await input.waitFor();
  return { served, worker, one, other };
}

const questionIn = ({ page }: ConsolePage) => page.getByRole('form', { name: 'Question' });

test.skipIf(!isChromiumThere)(
  'two tabs on one Worker show the same, and what is answered in one is asked no more in the other [needs chromium]',
  async () => {
    const { one, other } = await twoTabs();
    await one.send('choose');
    for (const tab of [one, other]) await questionIn(tab).getByText('Tea or coffee?').waitFor();
    await questionIn(other).getByRole('button', { name: 'Tea' }).click();
    for (const tab of [one, other]) {
      await tab.log.getByText('You chose tea.').waitFor();
      await expect.poll(() => questionIn(tab).count()).toBe(0);
      await tab.reaches('idle');
    }
    expect(await other.entries()).toEqual(await one.entries());
    expect(await one.entries()).toHaveLength(3);
  },
);

test.skipIf(!isChromiumThere)(
  'W7: what is sent in one tab while the other has sent is refused as busy, says so, and stays in the field [needs chromium]',
  async () => {
    const { served, one, other } = await twoTabs();
    await one.send('tell');
    for (const tab of [one, other]) await tab.log.getByText('Once upon a time').waitFor();
    await other.send('say my turn');
    await other.alert.first().waitFor();
    expect(await other.alert.first().innerText()).toContain('The Worker has an open input');
    expect(await other.alert.first().locator('code').first().innerText()).toBe('busy');
    expect(await other.input.inputValue()).toBe('say my turn');
    served.host.gate.open();
    await other.reaches('idle');
    await other.input.press('Enter');
    for (const tab of [one, other]) await tab.log.getByText('my turn', { exact: true }).last().waitFor();
    for (const tab of [one, other]) await tab.reaches('idle');
    expect(await other.entries()).toEqual(await one.entries());
    expect(await other.alert.count()).toBe(0);
  },
);

test.skipIf(!isChromiumThere)(
  'who signs out in one tab ends that session alone: the tab of another goes on, one of the same says that it has ended [needs chromium]',
  async () => {
    const { served, worker, one, other } = await twoTabs();
    const stored = await one.page.evaluate<string>("sessionStorage.getItem('workport.token')");
    const same = await one.tab(addressOf(served, worker));
    await same.page.getByLabel('Access token or code').fill(stored);
    await same.button('Sign in').click();
    await same.input.waitFor();
    await one.button('Sign out').click();
    await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await one.page.evaluate('sessionStorage.length')).toBe(0);
    await same.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await same.alert.innerText()).toMatch(/session has ended/i);
    await other.send('say still here');
    await other.log.getByText('still here', { exact: true }).waitFor();
  },
);
