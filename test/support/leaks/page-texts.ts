import type { Page } from 'playwright-core';

import type { PageTexts } from './recording.js';

/** Reads in the page whatever it shows or keeps. A text, so that it needs no types of a page here. */
const reading = `({
  outerHTML: document.documentElement.outerHTML,
  innerText: document.documentElement.innerText,
  title: document.title,
  url: location.href,
  sessionStorage: Object.entries(sessionStorage).flat(),
  localStorage: Object.entries(localStorage).flat(),
  cookie: document.cookie,
})`;

/**
 * Watches a page from now on. The function that it returns answers what the page shows and keeps at that moment, and all
 * that it has said on the console since, for `leaksIn({ dom }, planted)`.
 */
export function watchPage(page: Page): () => Promise<PageTexts> {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.stack ?? error.message));
  return async () => ({ ...(await page.evaluate<PageTexts>(reading)), console: [...said] });
}
