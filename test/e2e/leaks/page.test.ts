import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { suiteBrowser } from '../../support/browser/browser.js';
import { isChromiumThere } from '../../support/browser/chromium.js';
import { canaries } from '../../support/leaks/canary.js';
import { leaksIn } from '../../support/leaks/leaks-in.js';
import { watchPage } from '../../support/leaks/page-texts.js';

const browser = suiteBrowser();
const canary = canaries();
const secret = canary.text('planted');
const json = JSON.stringify(secret);

/** What a page runs to give the canary away, by where it is found. */
const leaks: Readonly<Record<string, string>> = {
  outerHTML: `document.body.setAttribute('data-x', ${json})`,
  innerText: `document.body.append(${json})`,
  title: `document.title = ${json}`,
  url: `history.replaceState(null, '', '/?x=' + encodeURIComponent(${json}))`,
  sessionStorage: `sessionStorage.setItem('x', btoa(unescape(encodeURIComponent(${json}))))`,
  localStorage: `localStorage.setItem(${json}, 'x')`,
  cookie: `document.cookie = 'x=' + encodeURIComponent(${json})`,
  console: `console.log('x', JSON.stringify({ x: ${json} }))`,
};

describe.skipIf(!isChromiumThere)('a page in Chromium that gives a canary away', () => {
  async function open(): Promise<Page> {
    const page = await browser().newPage();
    const body = '<!doctype html><title>Workport</title><body>Idle</body>';
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto('http://127.0.0.1:7420/');
    return page;
  }

  test('tells nothing where it does not [needs chromium]', async () => {
    const texts = watchPage(await open());
    const dom = await texts();
    expect(dom).toMatchObject({ title: 'Workport', innerText: 'Idle', url: 'http://127.0.0.1:7420/', console: [] });
    expect(leaksIn({ dom }, canary.planted)).toEqual([]);
  });

  test.for(Object.entries(leaks))('is found out by its %s [needs chromium]', async ([name, script]) => {
    const page = await open();
    const texts = watchPage(page);
    await page.evaluate(`void (${script})`);
    const found = leaksIn({ dom: await texts() }, canary.planted);
    expect(found.map(({ asked }) => asked)).toContain(name);
    expect(new Set(found.map(({ where, place }) => `${where} ${place}`))).toEqual(new Set(['planted DOM']));
  });
});
