import { expect, test } from 'vitest';

import { scriptedAgent } from '../support/acp-agent/scripted-agent.js';
import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { openPage, refusedWith } from '../support/browser/console-page.js';
import { accessToken, startServe } from '../support/host-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const browser = suiteBrowser();

/** The console of a host whose only profile is the scripted agent, at a new Worker. */
async function atAgent(): Promise<ConsolePage> {
  const cwd = await temporaryFolder();
  const profile = `agent=acp:"${process.execPath}" "${scriptedAgent}"`;
  const host = await startServe({ cwd, args: ['--memory', '--profile', profile] });
  const shown = await openPage(browser(), host.url, { expects: [refusedWith(401)] });
  await shown.page.getByLabel('Access token or code').fill(accessToken);
  await shown.page.keyboard.press('Enter');
  await shown.button('Create').click();
  await shown.reaches('idle');
  return shown;
}

const questionOf = ({ page }: ConsolePage) => page.getByRole('form', { name: 'Question' });

test.skipIf(!isChromiumThere)(
  'W17: what an agent asks permission for waits until a person has answered it [needs chromium]',
  async () => {
    const shown = await atAgent();
    await shown.send('ask allow_once allow_always reject_once');
    const question = questionOf(shown);
    await question.getByText('Go on?').waitFor();
    expect(await question.getByRole('button').allInnerTexts()).toEqual(['allow once', 'allow always', 'reject once']);
    expect(await shown.status.getAttribute('data-status')).toBe('busy');
    await question.getByRole('button', { name: 'allow once' }).click();
    await shown.log.getByText('selected allow', { exact: true }).waitFor();
    await shown.reaches('idle');
    await expect.poll(() => question.count()).toBe(0);
  },
);

test.skipIf(!isChromiumThere)(
  'W11, W17: a cancel withdraws what an agent asks permission for, and the agent goes on [needs chromium]',
  async () => {
    const shown = await atAgent();
    await shown.send('ask');
    const question = questionOf(shown);
    await question.getByText('Go on?').waitFor();
    await shown.button('Cancel').click();
    await shown.reaches('idle');
    await expect.poll(() => question.count()).toBe(0);
    await shown.log.getByText('Withdrawn by the Worker').waitFor();
    await shown.send('prompts');
    await shown.log.locator('article[data-role="assistant"]').getByText('2', { exact: true }).waitFor();
  },
);

test.skipIf(!isChromiumThere)(
  'O5: plans, tool calls with what they change, and work of its own are seen as an agent tells them [needs chromium]',
  async () => {
    const shown = await atAgent();
    await shown.send('plan; tool-diff; message done; later; message tidied up');
    await shown.log.getByText('Read the notes').waitFor();
    await shown.log.getByText('Edit notes.txt and new.txt').waitFor();
    await shown.log.locator('ins', { hasText: 'two' }).waitFor();
    await shown.log.getByText('tidied up', { exact: true }).waitFor();
    await shown.log.getByText('Work of its own').waitFor();
    await shown.reaches('idle');
  },
);
