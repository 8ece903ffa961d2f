import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { build } from './build.mjs';
import { chromiumPath, startChromium } from './chromium.mjs';
import { install } from './install.mjs';
import { root } from './root.mjs';
import { screenshotHost } from './screenshot-host.mjs';

const help = `npm run screenshots         renews docs/console/light.png, dark.png, phone.png and agent.png
npm run screenshots -- DIR  writes them there

Needs a Chromium: the one of the system, or what CHROMIUM_PATH names.`;

/** As they are written, each of a scene: sizes in pixels of the page, of which each is `scale` pixels of the picture, squared. */
export const pictures = [
  { name: 'light', scene: 'checkout', colorScheme: 'light', viewport: { width: 1280, height: 800 }, scale: 1 },
  { name: 'dark', scene: 'checkout', colorScheme: 'dark', viewport: { width: 1280, height: 800 }, scale: 1 },
  { name: 'phone', scene: 'checkout', colorScheme: 'light', viewport: { width: 390, height: 844 }, scale: 1.5 },
  { name: 'agent', scene: 'agent', colorScheme: 'light', viewport: { width: 1280, height: 880 }, scale: 1 },
];

const waitMs = 20_000;

/** What is there once all of a scene is. */
const last = {
  checkout: { answer: 'Change it', shown: 'pre.output' },
  agent: { answer: 'Allow once', shown: 'pre.diff ins' },
};

/** Opens the scene and waits until all of it is there. */
async function openScene(browser, host, worker, { scene, colorScheme, viewport, scale }) {
  const page = await browser.newPage({
    colorScheme,
    viewport,
    deviceScaleFactor: scale,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(waitMs);
  await page.clock.setFixedTime(host.now());
  await page.goto(host.link());
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.evaluate(`location.hash = '#/workers/${worker.runtimeId}/${worker.workerId}'`);
  await page.getByRole('form', { name: 'Question' }).getByRole('button', { name: last[scene].answer }).waitFor();
  await page.getByRole('log').locator(last[scene].shown).first().waitFor();
  await page.locator('main [data-status="busy"]').waitFor();
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  return page;
}

/** Writes the pictures into a folder, and answers for each what its page showed. */
export async function screenshots(folder) {
  const browser = await startChromium();
  const host = await screenshotHost();
  try {
    mkdirSync(folder, { recursive: true });
    await host.create('coder', 'Release notes', 'Write the release notes');
    await host.create('importer', 'Nightly import');
    await host.stop(await host.create('reviewer', 'Dependency audit', 'List what is out of date'));
    const workers = {
      agent: await host.create('coder', 'Exact totals', 'Make the totals exact to the cent'),
      checkout: await host.create('coder', 'Flaky checkout test', 'Why does the checkout test fail now and then?'),
    };
    const shown = [];
    for (const picture of pictures) {
      const page = await openScene(browser, host, workers[picture.scene], picture);
      await page.screenshot({ path: join(folder, `${picture.name}.png`), animations: 'disabled', caret: 'hide' });
      shown.push({ ...picture, text: await page.innerText('body') });
      await page.close();
    }
    return shown;
  } finally {
    await browser.close();
    await host[Symbol.asyncDispose]();
  }
}

export async function main(args) {
  const [folder = `${root}docs/console`, ...others] = args;
  if (folder.startsWith('-') || others.length > 0) {
    const isHelp = folder === '--help' || folder === '-h';
    console[isHelp ? 'log' : 'error'](help);
    return isHelp ? 0 : 2;
  }
  if (chromiumPath() === undefined) {
    console.error('there is no Chromium: install one, or name one in CHROMIUM_PATH');
    return 1;
  }
  const problem = (await install(console.error)) ?? (await build(console.error));
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  for (const { name } of await screenshots(folder)) console.log(join(folder, `${name}.png`));
  return 0;
}
