import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { generatorBackend, text } from '../../src/index.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { openConsole, sidewaysIn } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { mainThreadTasks } from '../support/browser/main-thread-tasks.js';
import { upTo } from '../support/watched.js';

const browser = suiteBrowser();

async function watched() {
  const served = await servedConsole();
  const worker = await served.host.create();
  const shown = await openConsole(browser(), served, { worker });
  await shown.input.waitFor();
  return { gate: served.host.gate, shown, ...shown };
}

/** What each says, on one line. */
const toldBy = async (locator: Locator) =>
  (await locator.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

const isOpen = (shown: ConsolePage, file: string) =>
  shown.log
    .locator('details.diff')
    .filter({ hasText: file })
    .getAttribute('open')
    .then((open) => open !== null);

test.skipIf(!isChromiumThere)(
  'a plan is a list of steps that say what has become of each, in place as it changes [needs chromium]',
  async () => {
    const { gate, shown, log } = await watched();
    await shown.send('plan 3');
    const plan = log.getByRole('list', { name: 'Plan, 0 of 3 steps completed' });
    await plan.waitFor();
    expect(await toldBy(plan.getByRole('listitem'))).toEqual([
      'in progress Step 1',
      'pending Step 2 high priority',
      'pending Step 3',
    ]);
    gate.open();
    const next = log.getByRole('list', { name: 'Plan, 1 of 3 steps completed' });
    await next.waitFor();
    expect(await toldBy(next.getByRole('listitem'))).toEqual([
      'completed Step 1',
      'in progress Step 2 high priority',
      'pending Step 3',
    ]);
    gate.open();
    gate.open();
    await log.getByText('3 of 3 steps completed').waitFor();
    expect(
      await log
        .getByRole('article')
        .filter({ has: shown.page.getByRole('list') })
        .count(),
    ).toBe(1);
  },
);

test.skipIf(!isChromiumThere)(
  'a plan of 150 steps is told to its hundredth, and how many there are [needs chromium]',
  async () => {
    const { shown, log } = await watched();
    await shown.send('plan 150');
    await log.getByText('50 more steps are not shown.').waitFor();
    const plan = log.getByRole('list', { name: 'Plan, 0 of 150 steps completed' });
    await expect.poll(() => plan.getByRole('listitem').count()).toBe(100);
    await shown.button('Cancel').click();
  },
);

test.skipIf(!isChromiumThere)(
  'a call tells what it is about as it goes on, with what it changes, and its question stands below it with no answer chosen [needs chromium]',
  async () => {
    const { gate, shown, log, page } = await watched();
    await shown.send('edit');
    await log.getByText('Edit a file').waitFor();
    gate.open();
    await log.getByText('Edit src/total.ts', { exact: true }).waitFor();
    expect(await log.getByText('Edit a file').count()).toBe(0);

    const [changed, made] = [log.locator('details.diff').first(), log.locator('details.diff').last()];
    await changed.getByText('+1 −1 lines').waitFor();
    expect(await changed.locator('summary').innerText()).toMatch(/^src\/total\.ts\s+\+1 −1 lines$/);
    expect(await made.locator('summary').innerText()).toMatch(/^test\/total\.test\.ts\s+new file\s+\+40 −0 lines$/);
    expect(await toldBy(changed.locator('del'))).toEqual(['- rows.sum();']);
    expect(await toldBy(changed.locator('ins'))).toEqual(['+ rows.sum() / 100;']);
    expect(await changed.getByText('export const total').count()).toBe(1);
    expect([await isOpen(shown, 'src/total.ts'), await isOpen(shown, 'test/total.test.ts')]).toEqual([true, false]);
    expect(await made.locator('pre').count()).toBe(0);
    await made.locator('summary').click();
    await made.getByText('+ line 40').waitFor();

    const question = page.getByRole('form', { name: 'Question' });
    await question.getByText('It changes 1 line.').waitFor();
    const articles = await log.getByRole('article').all();
    const kinds = await Promise.all(articles.map((article) => article.getAttribute('data-kind')));
    expect(kinds.slice(-2)).toEqual(['tool-call', 'question']);
    expect(await question.getByRole('button').allInnerTexts()).toEqual([
      'Allow once',
      expect.stringMatching(/^Always allow edits/),
      'Reject',
    ]);
    expect(
      await question.locator(':focus, .primary, [autofocus], [aria-pressed], [type="submit"], :checked').count(),
    ).toBe(0);
    expect(await log.locator('.tool-call').getAttribute('data-end')).toBe('running');
    await question.getByRole('button', { name: 'Allow once' }).click();
    await log.getByText('Answered').waitFor();
    await shown.reaches('idle');
    expect(await log.locator('.tool-call').getAttribute('data-end')).toBe('ended');
    // What somebody unfolded stays so.
    expect(await isOpen(shown, 'test/total.test.ts')).toBe(true);
  },
);

test.skipIf(!isChromiumThere)(
  'work that nobody asked for is told as such, running until it ends, and the Worker is idle meanwhile [needs chromium]',
  async () => {
    const { gate, shown, log } = await watched();
    await shown.send('later Watch the nightly build');
    await log.getByText('later Watch').waitFor();
    await shown.reaches('idle');
    gate.open();
    const work = log.locator('article[data-kind="activity"]');
    await work.getByText('Watch the nightly build').waitFor();
    await work.getByText('running').waitFor();
    expect(await work.innerText()).toContain('On its own');
    expect(await shown.status.getAttribute('data-status')).toBe('idle');
    expect(await shown.button('Cancel').count()).toBe(0);
    gate.open();
    await work.getByText('ended').waitFor();

    await shown.send('later');
    await shown.reaches('idle');
    gate.open();
    await log.getByText('Work of its own').waitFor();
    gate.open();
  },
);

test.skipIf(!isChromiumThere)(
  'what a Worker has used is told with how full its context is, whichever it said last [needs chromium]',
  async () => {
    const { shown, page } = await watched();
    await shown.send('spend');
    await page
      .getByText('400 tokens in, 50 tokens out, 12,000 of 200,000 tokens of context, $0.25', { exact: true })
      .waitFor();
  },
);

test.skipIf(!isChromiumThere)(
  'a question of 3,000 long options stands on a phone below its lines, none chosen, whole by scrolling down, and holds nothing up [needs chromium]',
  async () => {
    const count = 3_000;
    const options = upTo(count).map((index) => ({
      optionId: `${index}`,
      label: `${index}: ${'and so on \u0001'.repeat(12)}`,
    }));
    const backend = generatorBackend({
      id: 'asking',
      run: async function* (_, { ask }) {
        const answer = await ask({ prompt: 'Which?\n  one of these\n\n  or another', options });
        yield text(`Taken: ${'optionId' in answer ? answer.optionId : ''}.`);
      },
    });
    const served = await servedConsole({
      profiles: { asking: { label: 'Asking', backend } },
      limits: { eventBytes: 4_194_304 },
    });
    const worker = await served.host.create({ profile: 'asking', text: 'go' });
    const phone = { viewport: { width: 390, height: 844 } };
    const { page, log } = await openConsole(browser(), served, phone);
    const question = page.getByRole('form', { name: 'Question' });
    const tasks = await mainThreadTasks(page, async () => {
      await page.evaluate(`location.hash = '#/workers/${worker.runtimeId}/${worker.workerId}'`);
      await expect.poll(() => question.locator('.options button').count()).toBe(count);
    });
    expect(tasks.filter((durationMs) => durationMs > 500)).toEqual([]);
    expect(await question.locator('.text').innerText()).toBe('Which?\n  one of these\n\n  or another');
    expect(await sidewaysIn(page)).toEqual([]);
    expect(await question.locator(':focus, [aria-pressed], [autofocus]').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Input', exact: true }).press('Enter');
    expect(await log.getByText('Waits for an answer').count()).toBe(1);
    await question.getByRole('button').last().click();
    await log.getByText(`Taken: ${count}.`).waitFor();
  },
);
