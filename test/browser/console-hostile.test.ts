import { expect, onTestFinished, test } from 'vitest';

import { RuntimeId, createRuntime, registry } from '../../src/index.js';
import type { BrowserGateway } from '../../src/index.js';
import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { servedConsole } from '../support/browser/console-host.js';
import { openConsole, sidewaysIn } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { hostileTexts, plainTexts, saying } from '../support/browser/hostile.js';

const browser = suiteBrowser();
const phone = { viewport: { width: 390, height: 844 } };

/** Neither controls, but for tab and new line, nor what turns the direction of text. */
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const elements = `[...document.querySelectorAll('*')]
  .map(({ localName, attributes }) => [localName, ...[...attributes].map(({ name }) => name).sort()].join(' '))`;

/** What is drawn only where it is unfolded, or not yet. */
const folded = `[...document.querySelectorAll('details.diff')].filter(({ childElementCount }) => childElementCount < 2).length`;

interface Seen {
  readonly elements: ReadonlySet<string>;
  readonly markup: string;
  readonly links: readonly {
    readonly href: string;
    readonly text: string;
    readonly rel: string;
    readonly target: string;
  }[];
  readonly sideways: readonly string[];
}

/** The page as it is at this moment, with all that it folds away unfolded. */
async function look({ page }: ConsolePage): Promise<Seen> {
  await page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))");
  await expect.poll(() => page.evaluate(folded)).toBe(0);
  return {
    elements: new Set(await page.evaluate<string[]>(elements)),
    markup: await page.evaluate<string>('document.title + document.documentElement.outerHTML'),
    links: await page.evaluate(`[...document.querySelectorAll('a[target]')].map((link) => (
      { href: link.getAttribute('href'), text: link.textContent, rel: link.rel, target: link.target }))`),
    sideways: await sidewaysIn(page),
  };
}

/** A Worker that has said its texts and asks, the roster with its names, and the form with its profiles. */
async function scene(texts: readonly string[]) {
  const displayName = texts.join(' ');
  // Runtimes are named where there are several.
  const other = createRuntime({ runtimeId: 'other', displayName, ...saying(texts) });
  onTestFinished(() => other[Symbol.asyncDispose]());
  const around = (own: BrowserGateway): BrowserGateway =>
    registry(
      new Map([
        [RuntimeId('local'), own],
        [RuntimeId('other'), other],
      ]),
    );
  const served = await servedConsole({ ...saying(texts), displayName, around });
  for (const name of texts) await served.host.create({ profile: 'profile-0', displayName: name.slice(0, 256) });
  const worker = await served.host.create({
    profile: 'profile-0',
    displayName: texts.join(' ').slice(0, 256),
    text: texts.join('\n'),
  });
  const shown = await openConsole(browser(), served, { worker, ...phone });
  await shown.log.getByText('All said.').waitFor();
  await expect.poll(() => shown.page.getByRole('form', { name: 'Question' }).count()).toBe(2);
  // All that was said, not its end alone.
  const earlier = shown.button('Show earlier');
  if ((await earlier.count()) > 0) await earlier.click();
  await expect.poll(() => shown.log.locator('details.diff').count()).toBe(2 * texts.length);
  await expect.poll(() => shown.log.locator('article[data-kind="activity"]').count()).toBe(texts.length + 1);
  await expect.poll(() => shown.log.locator('.plan li').count()).toBe(texts.length + 1);
  const atWorker = await look(shown);
  await shown.page.evaluate("location.hash = '#/'");
  await shown.page.getByRole('navigation', { name: 'Workers' }).getByRole('link').nth(texts.length).waitFor();
  const atStart = await look(shown);
  await shown.page.evaluate("location.hash = '#/new'");
  await shown.page
    .getByRole('radio')
    .nth(texts.length - 1)
    .waitFor();
  const atForm = await look(shown);
  return { served, shown, seen: [atWorker, atStart, atForm] };
}

const isSafe = (href: string): boolean => {
  const { protocol, username, password } = new URL(href);
  return /^https?:$/.test(protocol) && username === '' && password === '' && /^[!-~]+$/.test(href);
};

test.skipIf(!isChromiumThere)(
  'a Worker that says markup, controls, links and piles gets no element, no request, no script and no width out of the page [needs chromium]',
  async () => {
    const plain = await scene(plainTexts);
    const hostile = await scene(hostileTexts);
    for (const [index, { elements: found, markup, links, sideways }] of hostile.seen.entries()) {
      const own = new Set(plain.seen.flatMap((view) => [...view.elements]));
      expect([...found].filter((element) => !own.has(element))).toEqual([]);
      expect(raw.exec(markup)).toBeNull();
      expect(sideways, `view ${index}`).toEqual([]);
      for (const { href, text, rel, target } of links) {
        expect(isSafe(href), href).toBe(true);
        expect(text).toBe(href);
        expect([rel, target]).toEqual(['noopener noreferrer', '_blank']);
      }
    }
    expect(plain.seen[0]?.links.map(({ href }) => href)).toContain('https://example.test/path');
    const { page, requests } = hostile.shown;
    expect(await page.evaluate('globalThis.ran')).toBeUndefined();
    const { host } = new URL(hostile.served.between.url);
    expect(requests.filter((url) => new URL(url).host !== host)).toEqual([]);
    expect(page.context().pages()).toHaveLength(1);
  },
);
