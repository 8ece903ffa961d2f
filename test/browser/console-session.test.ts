import { onTestFinished, expect, test } from 'vitest';

import { sessionAuthenticator } from '../../src/adapters/authenticator/session/index.js';
import { embeddedLog } from '../../src/adapters/worker-log/embedded/index.js';
import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { consoleHost, servedConsole, token } from '../support/browser/console-host.js';
import { linkOf, networkTroubles, openConsole, openPage, refusedWith } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { network } from '../support/network.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { virtualClock } from '../support/virtual-clock.js';

const browser = suiteBrowser();
const refusals = [refusedWith(401, 429, 503)];
const halfDayMs = 12 * 60 * 60_000;

const secretIn = ({ page }: ConsolePage) => page.getByLabel('Access token or code');

async function signIn(shown: ConsolePage, secret: string): Promise<void> {
  await secretIn(shown).fill(secret);
  await shown.button('Sign in').click();
}

/** The page asks who is there, and says why. */
async function asksAgain(shown: ConsolePage, why: RegExp): Promise<void> {
  await shown.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => shown.alert.innerText()).toMatch(why);
  expect(await shown.page.evaluate('sessionStorage.length')).toBe(0);
}

test.skipIf(!isChromiumThere)(
  'a session that ends while nothing happens is told of, and signing in again brings Worker and draft back [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create({ displayName: 'Diary', text: 'say Dear diary' });
    const shown = await openConsole(browser(), served, { worker, expects: refusals });
    await shown.log.getByText('Dear diary', { exact: true }).waitFor();
    await shown.input.fill('half a thought');
    const address = shown.page.url();
    await served.host.sessions.end(await shown.page.evaluate<string>("sessionStorage.getItem('workport.token')"));
    await asksAgain(shown, /your session has ended/i);
    expect(await shown.page.getByText('Dear diary').count()).toBe(0);
    await secretIn(shown).and(shown.page.locator(':focus')).waitFor();

    await signIn(shown, served.host.code());
    await shown.log.getByText('Dear diary', { exact: true }).waitFor();
    expect(shown.page.url()).toBe(address);
    expect(await shown.page.getByRole('heading', { level: 1 }).innerText()).toBe('Diary');
    expect(await shown.input.inputValue()).toBe('half a thought');
    await shown.input.press('Enter');
    await expect.poll(() => shown.entries()).toHaveLength(4);
  },
);

test.skipIf(!isChromiumThere)(
  'a session that is twelve hours old ends in the middle of a run, whose rest is there for who signs in again [needs chromium]',
  async () => {
    const clock = virtualClock(Date.now());
    const served = await servedConsole({ sessions: sessionAuthenticator({ clock }) });
    const worker = await served.host.create();
    const shown = await openConsole(browser(), served, { worker, expects: refusals });
    await shown.send('tell');
    await shown.log.getByText('Once upon a time').waitFor();
    await clock.advance(halfDayMs);
    await asksAgain(shown, /your session has ended/i);
    served.host.gate.open();
    await signIn(shown, served.host.code());
    await shown.log.getByText('Once upon a time there was a Worker.', { exact: true }).waitFor();
    await shown.reaches('idle');
    expect(await shown.entries()).toHaveLength(2);
  },
);

test.skipIf(!isChromiumThere)(
  'a used code, a wrong token and too many wrong codes are told apart, and the access token lets in all the same [needs chromium]',
  async () => {
    const served = await servedConsole();
    const link = linkOf(served);
    const first = await openPage(browser(), link, { expects: refusals });
    await first.button('Sign out').waitFor();
    const shown = await openPage(browser(), link, { expects: refusals });
    await asksAgain(shown, /code/i);
    const saidOfCode = await shown.alert.innerText();
    expect(new URL(shown.page.url()).hash).not.toContain('code');

    await signIn(shown, 'not the token');
    await expect.poll(() => shown.alert.innerText()).toMatch(/token/i);
    expect(await shown.alert.innerText()).not.toBe(saidOfCode);

    const wrong = Array.from({ length: 31 }, (_, count) => `${'A'.repeat(20)}${10 + count}`);
    for (const code of wrong) await served.host.sessions.exchange(code);
    await signIn(shown, 'B'.repeat(22));
    await expect.poll(() => shown.alert.innerText()).toMatch(/too many/i);

    await signIn(shown, token);
    await shown.button('Sign out').waitFor();
    expect(await shown.page.evaluate('({ ...sessionStorage })')).toEqual({ 'workport.token': token });
  },
);

test.skipIf(!isChromiumThere)(
  'a host that is gone is waited for, and once it is back the page says that its session is over and shows the Worker as it is [needs chromium]',
  async () => {
    const folder = await temporaryFolder();
    const before = await consoleHost({ log: embeddedLog({ folder }) });
    const between = await network(before.port);
    onTestFinished(() => between[Symbol.asyncDispose]());
    const worker = await before.create({ displayName: 'Survivor', text: 'tell' });
    const expects = [...refusals, ...networkTroubles];
    const shown = await openConsole(browser(), { host: before, between }, { worker, expects });
    await shown.log.getByText('Once upon a time').waitFor();
    await shown.input.fill('half a thought');
    await before[Symbol.asyncDispose]();
    await shown.banner.waitFor();

    const host = await consoleHost({ log: embeddedLog({ folder }), port: before.port });
    onTestFinished(() => host[Symbol.asyncDispose]());
    await asksAgain(shown, /your session has ended/i);
    await signIn(shown, host.code());
    await shown.reaches('unconnected');
    expect(await shown.log.getByText('Once upon a time').count()).toBe(1);
    expect(await shown.input.inputValue()).toBe('half a thought');
    await shown.input.press('Enter');
    await shown.alert.getByText('worker-unconnected').waitFor();
    await shown.button('Reconnect').click();
    await shown.reaches('idle');
    await shown.send('say back again');
    await shown.log.getByText('back again', { exact: true }).waitFor();
  },
);

test.skipIf(!isChromiumThere)(
  'a link that is followed in an open console leaves the address at once, and costs nobody the session [needs chromium]',
  async () => {
    const served = await servedConsole();
    const worker = await served.host.create({ text: 'say Hello' });
    const shown = await openConsole(browser(), served, { worker, expects: refusals });
    await shown.log.getByText('Hello', { exact: true }).waitFor();
    const address = shown.page.url();
    const kept = () => shown.page.evaluate<string>("sessionStorage.getItem('workport.token')");
    const before = await kept();
    for (const code of [served.host.code(), 'x'.repeat(22)]) {
      await shown.page.evaluate(`location.hash = 'code=${code}'`);
      await expect.poll(() => shown.page.url()).toBe(address);
      await shown.log.getByText('Hello', { exact: true }).waitFor();
    }
    await expect.poll(kept).not.toBe(before);
  },
);
