import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

import type { PublicStatus, WorkerRef } from '../../../src/index.js';

import type { ServedConsole } from './console-host.js';

/** What a browser says of itself where the network is away: no fault of the page. */
export const networkTroubles: readonly RegExp[] = [/net::ERR_/, /WebSocket connection to .* failed/];

/** What a browser says of an answer that is a refusal, beside what the page makes of it. */
export const refusedWith = (...statuses: readonly number[]): RegExp => new RegExp(`status of (${statuses.join('|')})`);

export interface PageOptions extends BrowserContextOptions {
  /** Troubles that belong to the test. Any other fails it. */
  readonly expects?: readonly RegExp[];
}

export interface ConsolePage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The addresses of everything that was asked for, sockets included. */
  readonly requests: readonly string[];
  readonly log: Locator;
  readonly input: Locator;
  readonly alert: Locator;
  readonly banner: Locator;
  readonly status: Locator;
  /** Another tab of the same browser. What it is to have of this one it is given by its address. */
  tab(url: string): Promise<ConsolePage>;
  button(name: string | RegExp): Locator;
  /** Waits until the Worker that is shown has this status. */
  reaches(status: PublicStatus): Promise<void>;
  /** All that the transcript says, an entry each. */
  entries(): Promise<readonly string[]>;
  /** Sends an input as a person does. */
  send(text: string): Promise<void>;
}

const recordViolations = `
globalThis.violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
`;

/** Everything that is wrong with a page fails the test that it was opened in. */
async function record(page: Page, { expects = [] }: PageOptions): Promise<readonly string[]> {
  const troubles: string[] = [];
  const requests: string[] = [];
  const trouble = (text: string): void => {
    if (!expects.some((pattern) => pattern.test(text))) troubles.push(text);
  };
  page.on('pageerror', ({ message }) => trouble(`error: ${message}`));
  page.on('console', (message) => {
    // A remark of the browser's own is none.
    if (message.type() !== 'info') trouble(`console ${message.type()}: ${message.text()} ${message.location().url}`);
  });
  page.on('dialog', (dialog) => {
    trouble(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  await page.addInitScript(recordViolations);
  onTestFinished(async () => {
    if (!page.isClosed()) troubles.push(...(await page.evaluate<string[]>('globalThis.violations ?? []')));
    await page.context().close();
    expect(troubles).toEqual([]);
  });
  return requests;
}

async function newTab(context: BrowserContext, url: string, options: PageOptions): Promise<ConsolePage> {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const requests = await record(page, options);
  await page.goto(url);
  const input = page.getByRole('textbox', { name: 'Input', exact: true });
  const log = page.getByRole('log', { name: 'Transcript' });
  const status = page.locator('main [data-status]');
  return {
    page,
    context,
    requests,
    log,
    input,
    alert: page.getByRole('alert'),
    banner: page.getByRole('status').filter({ hasText: /^Connection lost. Reconnecting …$/ }),
    status,
    tab: (address) => newTab(context, address, options),
    button: (name) => page.getByRole('button', { name, exact: true }),
    reaches: (status) => page.locator(`main [data-status="${status}"]`).waitFor(),
    entries: () => log.getByRole('article').allTextContents(),
    async send(text) {
      // Its snapshot is there: from then on each event is drawn as it comes.
      await status.first().waitFor();
      await input.fill(text);
      await input.press('Enter');
    },
  };
}

/** A page in a browser of its own, gone when the test is. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<ConsolePage> {
  const { expects: _, ...contextOptions } = options;
  const context = await browser.newContext(contextOptions);
  return newTab(context, url, options);
}

export const addressOf = ({ between }: ServedConsole, { runtimeId, workerId }: WorkerRef): string =>
  `${between.url}/#/workers/${runtimeId}/${workerId}`;

export const linkOf = ({ host, between }: ServedConsole): string => `${between.url}/#code=${host.code()}`;

/** The console, signed in, at its start or at a Worker. */
export async function openConsole(
  browser: Browser,
  served: ServedConsole,
  { worker, ...options }: PageOptions & { readonly worker?: WorkerRef } = {},
): Promise<ConsolePage> {
  const opened = await openPage(browser, linkOf(served), options);
  await opened.button('Sign out').waitFor();
  if (worker) await opened.page.evaluate(`location.hash = new URL(${JSON.stringify(addressOf(served, worker))}).hash`);
  return opened;
}

const wide = `[document.scrollingElement, ...document.querySelectorAll('*')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .filter((element) => element === document.scrollingElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
  .map((element) => element.cloneNode().outerHTML.slice(0, 200))`;

/** What can be scrolled sideways: the page as a whole, or a part of it. */
export const sidewaysIn = (page: Page): Promise<readonly string[]> => page.evaluate<readonly string[]>(wide);
