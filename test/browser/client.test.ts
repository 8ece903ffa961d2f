import { setTimeout as delay } from 'node:timers/promises';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { httpHandler, listen } from '../../src/adapters/browser-gateway/http/index.js';
import { createRuntime, generatorBackend, output } from '../../src/index.js';
import { isChromiumThere, startChromium } from '../support/browser/chromium.js';
import { pageServer } from '../support/browser/page-server.js';
import type { Story } from '../support/browser/story.js';
import { storyPage, storyScript } from '../support/browser/story.js';
import { bundledClient } from '../support/bundled-client.js';
import { everything } from '../support/http.js';
import { network } from '../support/network.js';
import type { Network } from '../support/network.js';
import { upTo } from '../support/watched.js';

const lines = 200;

let browser: Browser | undefined;
beforeAll(async () => {
  if (isChromiumThere) browser = await startChromium();
});
afterAll(async () => browser?.close());

function dispose(resource: AsyncDisposable): void {
  onTestFinished(() => resource[Symbol.asyncDispose]());
}

/** A host whose Workers say 200 lines slowly, and the last fifty of them when `released` resolves. */
async function storytelling(origin: string, released: Promise<void>) {
  const backend = generatorBackend({
    id: 'storyteller',
    run: async function* () {
      for (let line = 1; line <= lines; line += 1) {
        if (line === lines - 50) await released;
        await delay(3);
        yield output(`line ${line}`);
      }
    },
  });
  const runtime = createRuntime({ profiles: { story: { label: 'Story', backend } } });
  dispose(runtime);
  const handler = httpHandler({
    gateway: runtime,
    authenticator: { authenticate: async (token) => (token === 'good' ? { principal: everything } : undefined) },
    gatewayFor: () => runtime,
    options: { origins: [origin], hosts: ['127.0.0.1'] },
  });
  const listener = await listen({ handler });
  onTestFinished(() => listener.close({ graceMs: 0 }));
  const between = await network(listener.port);
  dispose(between);
  return { runtime, between };
}

const storyOf = (page: Page): Promise<Story> => page.evaluate('story');

/** Cuts the network off, until the page has noticed and tried to come back. */
async function cutOff(page: Page, between: Network): Promise<void> {
  between.down();
  await page.waitForFunction("story.states.at(-1) === 'reconnecting'");
  const before = between.attempts;
  await expect.poll(() => between.attempts).toBeGreaterThan(before);
  between.up();
}

const shows = (page: Page, count: number) => page.waitForFunction(`story.texts.length >= ${count}`);

test.skipIf(!isChromiumThere).each(['SSE', 'WebSocket'])(
  'P5: a page in Chromium whose network is cut off twice shows every event once, in order, over %s [needs chromium]',
  async (carrier) => {
    const pages = await pageServer({ '/': storyPage, '/story.js': storyScript, '/client.js': await bundledClient() });
    dispose(pages);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { runtime, between } = await storytelling(pages.origin, released);
    const page = await browser?.newPage();
    if (!page) throw new Error('there is no browser');
    onTestFinished(() => page.close());
    const troubles: string[] = [];
    page.on('pageerror', ({ message }) => troubles.push(message));
    await page.goto(pages.origin);
    await page.waitForFunction("typeof tell === 'function'");
    const asked = { url: between.url, token: 'good', runtimeId: runtime.runtimeId, profile: 'story', carrier };
    await page.evaluate(`void tell(${JSON.stringify(asked)})`);
    await shows(page, 30);
    await cutOff(page, between);
    await shows(page, 100);
    await cutOff(page, between);
    release();
    await page.waitForFunction('story.isOver');
    const story = await storyOf(page);
    expect(story.texts).toEqual(upTo(lines).map((line) => `line ${line}`));
    expect(story.sequences).toEqual(upTo(story.sequences.length));
    expect(new Set(story.frames)).toEqual(new Set(['events']));
    expect(story.states).toEqual(['open', 'reconnecting', 'open', 'reconnecting', 'open', 'idle']);
    expect(story.again).toBe('accepted');
    expect(await page.locator('p').count()).toBe(lines);
    expect(troubles).toEqual([]);
  },
);
