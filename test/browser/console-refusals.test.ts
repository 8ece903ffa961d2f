import { expect, test } from 'vitest';

import { RuntimeId, createRuntime, defineBackend, registry } from '../../src/index.js';
import type { BrowserGateway } from '../../src/index.js';
import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { openConsole, refusedWith } from '../support/browser/console-page.js';
import { recordingLogger } from '../support/recording-logger.js';
import { correlationId } from '../support/scripted-gateway.js';

const browser = suiteBrowser();
const secret = 'not for the eyes of a page';

const connected = () => ({ outcome: 'connected' as const, codes: [] });

const profiles = {
  broken: {
    label: 'Broken',
    backend: defineBackend({
      id: 'broken',
      spawn: connected,
      dispatch: async () => Promise.reject(new Error(secret)),
    }),
  },
  refusing: {
    label: 'Refusing',
    backend: defineBackend({
      id: 'refusing',
      spawn: () => ({ outcome: 'rejected' as const, code: 'not-today' }),
      dispatch: async () => ({ outcome: 'accepted' }),
    }),
  },
  endless: {
    label: 'Endless',
    backend: defineBackend({ id: 'endless', spawn: connected, dispatch: async () => ({ outcome: 'accepted' }) }),
  },
};

test.skipIf(!isChromiumThere)(
  'B2: a fault of a backend is shown by its title, code and correlation id, under which the operator log has the cause [needs chromium]',
  async () => {
    const logger = recordingLogger();
    const served = await servedConsole({ profiles, logger });
    const worker = await served.host.create({ profile: 'broken' });
    const permissions = ['clipboard-read', 'clipboard-write'];
    const shown = await openConsole(browser(), served, { worker, permissions, expects: [refusedWith(502)] });
    await shown.send('anything');
    await shown.alert.getByText('The backend failed').waitFor();
    const said = await shown.alert.innerText();
    expect(said).toContain('backend-fault');
    expect(said).toContain('It may have run.');
    const id = await shown.alert.locator('code.correlation-id').innerText();
    expect(logger.lines.filter(({ fields }) => JSON.stringify(fields).includes(id)).length).toBeGreaterThan(0);
    await shown.alert.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => shown.page.evaluate('navigator.clipboard.readText()')).toBe(id);
    expect(await shown.input.inputValue()).toBe('anything');
    expect(await shown.page.content()).not.toContain(secret);
    await shown.button('Dismiss').click();
    await shown.input.and(shown.page.locator(':focus')).waitFor();

    await shown.page.reload();
    await shown.reaches('unconnected');
    const failure = shown.page.locator('[data-failure]');
    await failure.getByText('Last failure').waitFor();
    expect(await failure.locator('code.correlation-id').innerText()).toMatch(/^[0-9a-f-]{36}$/);
    await shown.button('Reconnect').click();
    await shown.reaches('idle');
  },
);

test.skipIf(!isChromiumThere)(
  'W5: a Worker that its backend refuses is not there, its form says why and keeps what was typed [needs chromium]',
  async () => {
    const served = await servedConsole({ profiles });
    const shown = await openConsole(browser(), served, { expects: [refusedWith(422)] });
    const { page } = shown;
    await page.getByRole('radio', { name: 'Refusing' }).check();
    await page.getByRole('textbox', { name: 'Name (optional)' }).fill('Wanted');
    await page.getByRole('textbox', { name: 'First input (optional)' }).fill('please');
    await shown.button('Create').click();
    await shown.alert.getByText('backend-rejected').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name (optional)' }).inputValue()).toBe('Wanted');
    expect(await page.getByRole('textbox', { name: 'First input (optional)' }).inputValue()).toBe('please');
    expect(await page.getByRole('navigation', { name: 'Workers' }).getByRole('listitem').count()).toBe(0);
  },
);

test.skipIf(!isChromiumThere)(
  'W12: what a backend cannot do is asked all the same, and its answer names the operation [needs chromium]',
  async () => {
    const served = await servedConsole({ profiles });
    const worker = await served.host.create({ profile: 'endless', text: 'go' });
    const shown = await openConsole(browser(), served, { worker, expects: [refusedWith(501)] });
    await shown.button('Cancel').click();
    await shown.alert.getByText('The operation is not supported').waitFor();
    expect(await shown.alert.innerText()).toMatch(/cancel/);
    expect(await shown.status.getAttribute('data-status')).toBe('busy');
  },
);

/** A second Runtime whose Workers cannot be listed. */
function withFarRuntime(near: BrowserGateway): BrowserGateway {
  const far = createRuntime({ runtimeId: 'far', displayName: 'Far away', profiles });
  const outcome = { outcome: 'errored', code: 'runtime-unavailable', executed: 'no', correlationId } as const;
  const read = ((query, call) =>
    query.type === 'workers' ? Promise.resolve(outcome) : far.read(query, call)) as BrowserGateway['read'];
  return registry(
    new Map([
      [RuntimeId('local'), near],
      [RuntimeId('far'), { ...far, read }],
    ]),
  );
}

test.skipIf(!isChromiumThere)(
  'the list has each Runtime, says of one that cannot be read so, names Workers without a name, and shows a status alone when asked [needs chromium]',
  async () => {
    const served = await servedConsole({ displayName: 'Near by', around: withFarRuntime });
    const { workerId } = await served.host.create();
    await served.host.create({ profile: 'placeholder', displayName: 'Placeholder' });
    const shown = await openConsole(browser(), served, { expects: [refusedWith(502, 503)] });
    const list = shown.page.getByRole('navigation', { name: 'Workers' });
    await list.getByRole('heading', { name: 'Near by' }).waitFor();
    await list.getByRole('heading', { name: 'Far away' }).waitFor();
    await list.getByText('The Runtime cannot be reached').waitFor();
    const names = () => list.getByRole('listitem').allInnerTexts();
    await expect
      .poll(async () => (await names()).map((name) => name.replace(/\s+/g, ' ').trim()))
      .toEqual(['Placeholder unconnected', `Player ${workerId.slice(-6)} idle`]);
    await list.getByLabel('Show').selectOption('unconnected');
    await expect.poll(names).toHaveLength(1);
    await list.getByLabel('Show').selectOption('All');
    await expect.poll(names).toHaveLength(2);
    await served.host.create({ displayName: 'Made elsewhere' });
    // As when the page is looked at again.
    await shown.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await list.getByRole('link', { name: /Made elsewhere/ }).waitFor();
  },
);
