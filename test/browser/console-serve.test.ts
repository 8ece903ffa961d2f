import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test, vi } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { openPage } from '../support/browser/console-page.js';
import { isOnTheMachine } from '../support/is-on-the-machine.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const browser = suiteBrowser();
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const missing = !isChromiumThere ? 'chromium' : !(await isOnTheMachine('script', '--version')) ? 'script' : undefined;

/** Starts a host at a terminal, and answers the link that it shows there. */
async function linkAtTerminal(cwd: string): Promise<string> {
  const command = `exec '${process.execPath}' '${main}' serve --port 0`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const link = () => /open (http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]{22})\s/.exec(shown)?.[1];
  return vi.waitFor(() => link() ?? Promise.reject(new Error(`no link: ${shown}`)), 20_000);
}

test.skipIf(missing !== undefined)(
  `a newcomer gets from the link that a host shows at its start to an answer that streams, with one input and one button [needs ${missing ?? 'chromium'}]`,
  async () => {
    const cwd = await temporaryFolder();
    const shown = await openPage(browser(), await linkAtTerminal(cwd));
    const { page, log } = shown;
    const file = join(cwd, 'go-on');
    const program = `const { existsSync } = await import('node:fs');
console.log('first');
while (!existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setTimeout(resolve, 20));
console.log('second');
6 * 7`;
    const first = page.getByRole('textbox', { name: 'First input (optional)' });
    await first.waitFor();
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(1);
    expect(await first.getAttribute('placeholder')).toBeTruthy();
    await first.fill(program);
    await shown.button('Create').click();

    const output = log.locator('pre.output').first();
    await expect.poll(() => output.innerText()).toBe('first\n');
    expect(await shown.status.getAttribute('data-status')).toBe('busy');
    await writeFile(file, '');
    await expect.poll(() => output.innerText()).toBe('first\nsecond\n');
    await log.locator('article[data-role="assistant"]').getByText('42', { exact: true }).waitFor();
    await shown.reaches('idle');
  },
);
