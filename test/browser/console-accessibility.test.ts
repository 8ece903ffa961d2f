import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { addressOf, openConsole, openPage, refusedWith, sidewaysIn } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import type { Gate } from '../support/browser/player.js';

const browser = suiteBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const schemes = ['light', 'dark'] as const;

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

async function seriousIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(`globalThis.axe === undefined && void (0, eval)(${JSON.stringify(axe)})`);
  const violations = await page.evaluate<readonly Violation[]>('axe.run().then(({ violations }) => violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}

const withOutline = `(() => {
  const { activeElement: element } = document;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  element.dataset.reached = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 ? 'visibly' : 'unseen';
})()`;
/** What can be used and was not come by. Of radio buttons of one name the chosen one stands for all. */
const missed = (how: string) => `[...document.querySelectorAll(
  'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex="0"]')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !(element.type === 'radio' && !element.checked))
  .filter((element) => ${how})
  .map((element) => element.outerHTML.slice(0, 200))`;

const isAnyMissed = async (page: Page): Promise<boolean> =>
  (await page.evaluate<readonly string[]>(missed('!element.dataset.reached'))).length > 0;
const twoFrames = 'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))';

/** Everything that can be used is reached by Tab, and it shows where one is. */
async function isReachable(page: Page, view: string): Promise<void> {
  const count = await page.evaluate<number>("document.querySelectorAll('*').length");
  for (let presses = 0; presses < count; presses += 1) {
    await page.keyboard.press('Tab');
    await page.evaluate(withOutline);
    if (!(await isAnyMissed(page))) {
      // What was come by may bring more: a transcript that scrolls has a button back to its end.
      await page.evaluate(twoFrames);
      if (!(await isAnyMissed(page))) break;
    }
  }
  expect(await page.evaluate(missed("element.dataset.reached !== 'visibly'")), view).toEqual([]);
  await page.evaluate("document.querySelectorAll('[data-reached]').forEach((one) => delete one.dataset.reached)");
}

/** In light and dark, on a desktop and on a phone. Under a dialog nothing is to be reached. */
async function isSound({ page }: ConsolePage, view: string, isModal = false): Promise<void> {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    if (!isModal) await isReachable(page, `${view}, ${size}`);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await seriousIn(page), `${view}, ${size}, ${colorScheme}`).toEqual([]);
    }
    expect(await sidewaysIn(page), `${view}, ${size}`).toEqual([]);
  }
}

async function goTo({ page }: ConsolePage, address: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(new URL(address).hash)}`);
}

/** A Worker that has done a little of everything and now asks both ways. */
async function storyteller(shown: ConsolePage): Promise<void> {
  await shown.input.waitFor();
  for (const text of ['think', 'call', 'alternate 2', 'fail']) {
    await shown.send(text);
    await expect.poll(() => shown.input.inputValue()).toBe('');
    await shown.reaches('idle');
  }
  await shown.send('choose');
  await shown.page.getByRole('form', { name: 'Question' }).waitFor();
}

/** A Worker in the middle of a plan, that works on its own, and asks whether it may change files. */
async function agent(shown: ConsolePage, gate: Gate): Promise<void> {
  await shown.input.waitFor();
  await shown.send('later Watch the build');
  await shown.reaches('idle');
  gate.open();
  await shown.log.getByText('Watch the build').last().waitFor();
  await shown.send('spend');
  await shown.reaches('idle');
  await shown.send('plan 3');
  await shown.log.getByText('0 of 3 steps completed').waitFor();
  // The work of its own waits there, too.
  for (let count = 0; count < 3; count += 1) gate.open();
  await shown.log.getByText('2 of 3 steps completed').waitFor();
  await shown.button('Cancel').click();
  await shown.reaches('idle');
  await shown.send('edit');
  // The plan that was cancelled has not gone on.
  gate.open();
  gate.open();
  await shown.page.getByRole('form', { name: 'Question' }).waitFor();
  await shown.log.locator('details.diff pre').waitFor();
}

test.skipIf(!isChromiumThere)(
  'a plan, work of its own, changed files and what asks for them are without a serious fault, whole by Tab, on desktop and phone, light and dark [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create({ displayName: 'Agent' });
    const shown = await openConsole(browser(), served, { worker });
    await agent(shown, served.host.gate);
    await isSound(shown, 'a permission');
    await shown.log.locator('details.diff').last().locator('summary').click();
    await shown.log.getByText('+ line 40').waitFor();
    await isSound(shown, 'a file unfolded');
  },
);

test.skipIf(!isChromiumThere)(
  'who signs in, and who has no Worker yet, has a page without a serious fault, whole by Tab, on desktop and phone, light and dark [needs chromium]',
  async () => {
    const served = await servedConsole();
    const shown = await openPage(browser(), served.between.url, { expects: [refusedWith(401)] });
    await shown.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await isSound(shown, 'sign in');
    await shown.page.getByLabel('Access token or code').fill('wrong');
    await shown.button('Sign in').click();
    await shown.alert.waitFor();
    await isSound(shown, 'sign in, refused');
    await shown.page.getByLabel('Access token or code').fill(served.host.code());
    await shown.button('Sign in').click();
    await shown.page.getByRole('heading', { name: 'New Worker' }).waitFor();
    await isSound(shown, 'start');
  },
);

test.skipIf(!isChromiumThere)(
  'each view of a Worker is without a serious fault, whole by Tab, on desktop and phone, light and dark [needs chromium]',
  async () => {
    const served = await servedConsole();
    const { host } = served;
    const worker = await host.create({ displayName: 'Storyteller' });
    const placeholder = await host.create({ profile: 'placeholder', displayName: 'Placeholder' });
    const shown = await openConsole(browser(), served, { worker, expects: [refusedWith(404, 409)] });
    await storyteller(shown);
    await isSound(shown, 'a question');
    await shown.page.getByRole('form', { name: 'Question' }).getByRole('button', { name: 'Tea' }).click();
    await shown.reaches('idle');
    await shown.send('question');
    await shown.page.getByRole('textbox', { name: 'Answer' }).waitFor();
    await shown.page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))");
    await shown.send('say now');
    await shown.alert.getByText('busy').waitFor();
    await isSound(shown, 'a free question, and a refusal');
    await shown.button('Stop').click();
    await shown.page.getByRole('dialog', { name: 'Stop this Worker?' }).waitFor();
    await isSound(shown, 'stop?', true);
    await shown.button('Stop for good').click();
    await shown.reaches('stopped');
    await isSound(shown, 'stopped');
    await shown.button('Keyboard shortcuts').click();
    await shown.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await isSound(shown, 'shortcuts', true);
    await shown.page.keyboard.press('Escape');
    await goTo(shown, addressOf(served, placeholder));
    await shown.button('Reconnect').waitFor();
    await isSound(shown, 'unconnected');
    await goTo(shown, `${served.between.url}/#/`);
    await shown.page.getByRole('link', { name: /Storyteller/ }).waitFor();
    await isSound(shown, 'list');
    await goTo(shown, `${served.between.url}/#/new`);
    await shown.page.getByRole('heading', { name: 'New Worker' }).waitFor();
    await isSound(shown, 'new');
    await goTo(shown, `${served.between.url}/#/workers/local/0190d1b2-1111-7000-8000-000000000001`);
    await shown.alert.waitFor();
    await isSound(shown, 'not there');
  },
);
