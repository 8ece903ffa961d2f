import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { linkOf, openConsole, openPage } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';

const browser = suiteBrowser();

const isFocused = async (locator: Locator): Promise<boolean> =>
  (await locator.and(locator.page().locator(':focus')).count()) === 1;
const expectFocus = (locator: Locator) => expect.poll(() => isFocused(locator)).toBe(true);

/** Goes there as a person without a mouse does. */
async function tabTo(page: Page, locator: Locator, key = 'Tab'): Promise<void> {
  await locator.waitFor();
  for (let count = 0; count < 60; count += 1) {
    if (await isFocused(locator)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${key}: ${locator.toString()}`);
}

async function press(page: Page, locator: Locator, key = 'Tab'): Promise<void> {
  await tabTo(page, locator, key);
  await page.keyboard.press('Enter');
}

const titleIs = ({ page }: ConsolePage, pattern: RegExp) => expect.poll(() => page.title()).toMatch(pattern);

async function say(shown: ConsolePage, text: string): Promise<void> {
  await expectFocus(shown.input);
  await shown.page.keyboard.type(text);
  await shown.page.keyboard.press('Enter');
  await expect.poll(() => shown.input.inputValue()).toBe('');
}

test.skipIf(!isChromiumThere)(
  'from a link to a Worker that streams, asks, is cancelled, stopped and deleted, by the keyboard alone [needs chromium]',
  async () => {
    const served = await servedConsole();
    const { host } = served;
    const shown = await openPage(browser(), linkOf(served));
    const { page, log } = shown;

    const first = page.getByRole('textbox', { name: 'First input (optional)' });
    await expectFocus(first);
    await page.keyboard.type('tell');
    await press(page, shown.button('Create'));

    await shown.reaches('busy');
    await log.getByText('Once upon a time').waitFor();
    expect(await log.getByText('there was a Worker').count()).toBe(0);
    await titleIs(shown, /busy/i);
    await expectFocus(shown.input);
    host.gate.open();
    await log.getByText('Once upon a time there was a Worker.', { exact: true }).waitFor();
    await shown.reaches('idle');
    await titleIs(shown, /idle/i);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/^Player \w{6}$/);

    await say(shown, 'call');
    const call = shown.page.locator('article[data-kind="tool-call"]');
    await call.getByText('Read the notes').waitFor();

    await say(shown, 'choose');
    const question = page.getByRole('form', { name: 'Question' });
    await question.getByText('Tea or coffee?').waitFor();
    await press(page, question.getByRole('button', { name: 'Coffee' }), 'Shift+Tab');
    await log.getByText('You chose coffee.').waitFor();
    await expect.poll(() => question.count()).toBe(0);

    await say(shown, 'question');
    await question.getByText('What is your name?').waitFor();
    await tabTo(page, question.getByRole('textbox', { name: 'Answer' }), 'Shift+Tab');
    await page.keyboard.type('Ada');
    await press(page, question.getByRole('button', { name: 'Answer' }));
    await log.getByText('Hello, Ada.').waitFor();
    await expect.poll(() => question.count()).toBe(0);

    await say(shown, 'fail');
    await page.locator('[data-failure="run-failed"]').getByText('out-of-luck').waitFor();

    await say(shown, 'hang');
    await shown.reaches('busy');
    await log.getByText('Hanging.').waitFor();
    await page.keyboard.press('Alt+KeyC');
    await shown.reaches('idle');
    await expectFocus(shown.input);

    await press(page, shown.button('Stop'), 'Shift+Tab');
    const stopping = page.getByRole('dialog', { name: 'Stop this Worker?' });
    await expectFocus(stopping.getByRole('button', { name: 'Keep it' }));
    await press(page, stopping.getByRole('button', { name: 'Stop for good' }));
    await shown.reaches('stopped');
    await titleIs(shown, /stopped/i);
    expect(await page.evaluate('document.activeElement !== document.body')).toBe(true);

    await press(page, shown.button('Delete'), 'Shift+Tab');
    const deleting = page.getByRole('dialog', { name: 'Delete this Worker?' });
    await expectFocus(deleting.getByRole('button', { name: 'Keep it' }));
    await press(page, deleting.getByRole('button', { name: 'Delete for good' }));
    await expectFocus(first);
    await expect.poll(() => new URL(page.url()).hash).toBe('#/');
    await expect
      .poll(() => host.runtime.read({ type: 'workers', runtimeId: host.runtime.runtimeId }))
      .toMatchObject({
        workers: [],
      });
  },
);

test.skipIf(!isChromiumThere)(
  'the code of a link is gone from address and history, and its token is in the storage of the tab alone [needs chromium]',
  async () => {
    const { host, between } = await servedConsole();
    const code = host.code();
    const shown = await openPage(browser(), `${between.url}/#code=${code}`);
    const { page, context } = shown;
    await shown.button('Sign out').waitFor();
    await host.create({ text: 'say Hello' });
    await page.reload();
    await shown.button('Sign out').waitFor();

    const stored = await page.evaluate<Record<string, string>>('({ ...sessionStorage })');
    const [token = '', ...others] = Object.values(stored);
    expect(others.filter((value) => value.includes(token))).toEqual([]);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(stored)).not.toContain(code);
    expect(await page.evaluate('({ ...localStorage })')).toEqual({});
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await context.cookies()).toEqual([]);
    const devtools = await context.newCDPSession(page);
    const { entries } = await devtools.send('Page.getNavigationHistory');
    const addresses = entries.map(({ url }) => url);
    for (const text of [...addresses, ...shown.requests.slice(1), await page.content()]) {
      expect(text).not.toContain(code);
      expect(text).not.toContain(token);
    }
  },
);

test.skipIf(!isChromiumThere)(
  'the shortcuts go to a new Worker, the Worker above and below, the input and the transcript, and are listed in a dialog [needs chromium]',
  async () => {
    const served = await servedConsole();
    for (const displayName of ['One', 'Two', 'Three']) await served.host.create({ displayName });
    const shown = await openConsole(browser(), served);
    const { page } = shown;
    const list = page.getByRole('navigation', { name: 'Workers' });
    const isAt = (name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await list.getByRole('link', { name: 'Two' }).focus();
    // Those of one millisecond stand in an order of their own.
    const names = await list.locator('li .name').allInnerTexts();
    const [first = '', second = '', third = ''] = names;
    await list.getByRole('link', { name: second }).focus();
    await page.keyboard.press('Enter');
    await isAt(second);
    await page.keyboard.press('Alt+ArrowUp');
    await isAt(first);
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowDown');
    await isAt(third);
    expect(await list.locator('[aria-current="page"]').innerText()).toContain(third);
    await page.keyboard.press('Alt+KeyT');
    await expectFocus(shown.log);
    await page.keyboard.press('Alt+KeyI');
    await expectFocus(shown.input);
    await press(page, shown.button('Keyboard shortcuts'), 'Shift+Tab');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.waitFor();
    for (const key of ['N', 'I', 'C', 'T'])
      expect(await dialog.innerText()).toMatch(new RegExp(`Alt\\s*\\+\\s*${key}`));
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.isVisible()).toBe(false);
    await expectFocus(shown.button('Keyboard shortcuts'));
    await page.keyboard.press('Alt+KeyN');
    await page.getByRole('heading', { name: 'New Worker' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/new');
  },
);
