import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { openConsole } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { mainThreadTasks } from '../support/browser/main-thread-tasks.js';
import { isType, observeUntil } from '../support/runtime.js';
import { upTo } from '../support/watched.js';

const browser = suiteBrowser();
const maxTaskMs = 200;

/** Plays an input before the eyes of a page until all was shown. */
async function played(text: string, last: string) {
  const served = await servedConsole();
  const worker = await served.host.create();
  const shown = await openConsole(browser(), served, { worker });
  await shown.input.waitFor();
  const tasks = await mainThreadTasks(shown.page, async () => {
    await shown.send(text);
    await shown.log.getByText(last).last().waitFor({ timeout: 40_000 });
    await shown.reaches('idle');
  });
  expect(tasks.length).toBeGreaterThan(10);
  return { served, worker, shown, tooLong: tasks.filter((durationMs) => durationMs > maxTaskMs) };
}

/** The text of an element as a person would copy it. */
const copied = ({ page }: ConsolePage, selector: string) =>
  page.evaluate<string>(
    `getSelection().selectAllChildren(document.querySelector(${JSON.stringify(selector)})), getSelection().toString()`,
  );

const lines = (from: number, to: number): string[] => upTo(to, from).map((line) => `line ${line}`);

test.skipIf(!isChromiumThere)(
  '5,000 lines of output are shown up to the last one, and no task of the page takes over 200 ms [needs chromium]',
  async () => {
    const { served, worker, shown, tooLong } = await played('flood 5000', 'line 5000.');
    const observations = await observeUntil(served.host.runtime, worker, isType('input-ended'));
    const printed = observations.flatMap(({ event }) => (event.type === 'output' ? [event.text] : []));
    expect(printed.map((line) => line.replace(/\.+\n$/, ''))).toEqual(lines(1, 5000));
    const output = await copied(shown, 'pre.output');
    const kept = output.trimEnd().split('\n').slice(1);
    expect(kept.map((line) => line.replace(/\.+$/, ''))).toEqual(lines(5001 - kept.length, 5000));
    expect(kept.length).toBeGreaterThan(700);
    expect(tooLong).toEqual([]);
    const again = await mainThreadTasks(shown.page, async () => {
      await shown.page.reload();
      await shown.log.getByText('line 5000.').last().waitFor();
    });
    expect(again.filter((durationMs) => durationMs > maxTaskMs)).toEqual([]);
  },
);

test.skipIf(!isChromiumThere)(
  '5,000 pieces of one message are shown as one text, and no task of the page takes over 200 ms [needs chromium]',
  async () => {
    const { shown, tooLong } = await played('deltas 5000', 'line 5000');
    const message = await copied(shown, 'article[data-role="assistant"] .text');
    expect(message.trimEnd().split('\n')).toEqual(lines(1, 5000));
    expect(tooLong).toEqual([]);
  },
);

test.skipIf(!isChromiumThere)(
  'of 2,000 short entries the last are shown, earlier ones when asked, and no task of the page takes over 200 ms [needs chromium]',
  async () => {
    const { shown, tooLong } = await played('alternate 2000', 'line 2000');
    const entries = async () => (await shown.log.locator('pre.output').allTextContents()).map((text) => text.trimEnd());
    const drawn = await entries();
    expect(drawn.length).toBeGreaterThanOrEqual(50);
    expect(drawn).toEqual(lines(2001 - drawn.length, 2000));
    await shown.button('Show earlier').click();
    await expect.poll(async () => (await entries()).length).toBeGreaterThan(drawn.length);
    const more = await entries();
    expect(more).toEqual(lines(2001 - more.length, 2000));
    expect(tooLong).toEqual([]);
  },
);

test.skipIf(!isChromiumThere)(
  'a file of 6,000 lines, unfolded, to which a call adds one a hundred times, stays so and is shown as it last was, and no task of the page takes over 200 ms [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create();
    const shown = await openConsole(browser(), served, { worker });
    await shown.input.waitFor();
    await shown.send('rewrite 6000');
    const file = shown.log.locator('details.diff');
    await file.getByText('+1 −0 lines').waitFor();
    for (const open of [false, true]) {
      await file.locator('summary').click();
      await expect.poll(() => file.locator('pre').count()).toBe(open ? 1 : 0);
    }
    const tasks = await mainThreadTasks(shown.page, async () => {
      served.host.gate.open();
      await file.getByText('+100 −0 lines').waitFor();
      await shown.reaches('idle');
    });
    const lines = await copied(shown, 'pre.diff ins');
    expect(lines.trimEnd().split('\n')).toEqual(upTo(100).map((line) => `+ line ${line} anew`));
    expect(tasks.filter((durationMs) => durationMs > maxTaskMs)).toEqual([]);
  },
);

test.skipIf(!isChromiumThere)('a task that holds the page up for a second is found [needs chromium]', async () => {
  const served = await servedConsole();
  const { page } = await openConsole(browser(), served);
  const tasks = await mainThreadTasks(page, async () => {
    await page.evaluate('{ const from = performance.now(); while (performance.now() < from + 1000); }');
  });
  expect(tasks.filter((durationMs) => durationMs > maxTaskMs)).toHaveLength(1);
});
