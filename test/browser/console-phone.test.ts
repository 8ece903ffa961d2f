import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { linkOf, openPage, sidewaysIn } from '../support/browser/console-page.js';

const browser = suiteBrowser();
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** Whole in sight, without scrolling. */
async function expectInSight(locator: Locator): Promise<void> {
  await locator.waitFor();
  const { x = -1, y = -1, width = 0, height = 0 } = (await locator.boundingBox()) ?? {};
  const { width: pageWidth, height: pageHeight } = phone.viewport;
  expect([x >= 0, y >= 0, x + width <= pageWidth, y + height <= pageHeight]).toEqual([true, true, true, true]);
}

test.skipIf(!isChromiumThere)(
  'on a phone a Worker is created, talked to, answered, left and found again by touch, with nothing out of sight [needs chromium]',
  async () => {
    const served = await servedConsole();
    await served.host.create({ displayName: 'Another' });
    const shown = await openPage(browser(), linkOf(served), phone);
    const { page, log } = shown;
    await page.getByRole('link', { name: 'New Worker' }).tap();
    await page.getByRole('textbox', { name: 'Name (optional)' }).fill('Pocket');
    await page.getByRole('textbox', { name: 'First input (optional)' }).fill('flood 200');
    expect(await sidewaysIn(page)).toEqual([]);
    await shown.button('Create').tap();
    await log.getByText('line 200.').waitFor();
    await expectInSight(shown.button('Send'));
    await expectInSight(page.getByRole('heading', { name: 'Pocket' }));

    await shown.input.tap();
    await shown.input.fill('choose');
    await shown.button('Send').tap();
    const question = page.getByRole('form', { name: 'Question' });
    for (const name of ['Tea', 'Coffee']) await expectInSight(question.getByRole('button', { name }));
    await expectInSight(shown.button('Cancel'));
    await expectInSight(shown.button('Send'));
    expect(await sidewaysIn(page)).toEqual([]);
    await question.getByRole('button', { name: 'Tea' }).tap();
    await log.getByText('You chose tea.').waitFor();

    await page.getByRole('link', { name: 'All Workers' }).tap();
    const list = page.getByRole('navigation', { name: 'Workers' });
    await expectInSight(list.getByRole('link', { name: /Another/ }));
    await list.getByRole('link', { name: /Pocket/ }).tap();
    await log.getByText('You chose tea.').waitFor();
    expect(await sidewaysIn(page)).toEqual([]);
  },
);
