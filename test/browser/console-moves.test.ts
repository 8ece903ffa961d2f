import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { suiteBrowser } from '../support/browser/browser.js';
import { isChromiumThere } from '../support/browser/chromium.js';
import { networkTroubles, openPage } from '../support/browser/console-page.js';
import type { ConsolePage } from '../support/browser/console-page.js';
import { accessToken, startServe } from '../support/host-process.js';
import type { HostProcess } from '../support/host-process.js';
import { natsPrograms } from '../support/nats-server.js';
import { serverOfTest } from '../support/jetstream-ownership.js';
import { network } from '../support/network.js';
import type { Network } from '../support/network.js';
import { firstLine, programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { upTo } from '../support/watched.js';

const browser = suiteBrowser();
const missing = !isChromiumThere ? 'chromium' : !natsPrograms['nats-server'].isHere ? 'nats-server' : undefined;
const numbers = 400;
const everyMs = 20;
const all = upTo(numbers)
  .map((number) => `${number} `)
  .join('');

/** Something that counts, behind a socket that all hosts share. */
async function counting(): Promise<string> {
  const path = join(await temporaryFolder(), 'counting.sock');
  const child = spawn(process.execPath, [programPath('listens-on-a-socket.mjs'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await firstLine(child.stdout);
  return path;
}

/** Hosts that share their Workers. */
async function sharingHosts(count: number): Promise<readonly HostProcess[]> {
  const { address } = await serverOfTest();
  const path = await counting();
  const config = {
    profiles: { counting: { label: 'Counting', backend: { type: 'remote-socket', address: `unix:${path}` } } },
    log: { type: 'jetstream', servers: [address], name: 'hosts', leaseMs: 1_000 },
  };
  const start = async (): Promise<HostProcess> => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'workport.config.json'), JSON.stringify(config));
    return startServe({ cwd, args: [] });
  };
  return Promise.all(Array.from({ length: count }, start));
}

const portOf = ({ url }: HostProcess): number => Number(new URL(url).port);

async function wayTo(host: HostProcess): Promise<Network> {
  const between = await network(portOf(host));
  onTestFinished(() => between[Symbol.asyncDispose]());
  return between;
}

/** A Worker that a host owns, as the page at an address shows it. */
async function watched(
  owner: HostProcess,
  url: string,
): Promise<{ readonly shown: ConsolePage; readonly worker: string }> {
  // A host may begin before it has found its backend.
  const worker = await vi.waitFor(() => owner.create({ profile: 'counting' }), 20_000);
  const shown = await openPage(browser(), url, { expects: networkTroubles });
  await shown.page.getByLabel('Access token or code').fill(accessToken);
  await shown.button('Sign in').click();
  await shown.button('Sign out').waitFor();
  await shown.page.evaluate(`location.hash = '#/workers/local/${worker.split('/').at(-1) ?? ''}'`);
  return { shown, worker };
}

const textOf = async ({ log }: ConsolePage): Promise<string> =>
  (await log.locator('article[data-role="assistant"] .text').allTextContents()).join('|').trim();

/** Numbers that are shown by now: from the first on, each once. */
async function countOf(shown: ConsolePage): Promise<number> {
  const text = await textOf(shown);
  expect(all.startsWith(text)).toBe(true);
  return text === '' ? 0 : text.split(' ').length;
}

const count = async (shown: ConsolePage): Promise<void> => shown.send(`${numbers} ${everyMs}`);

test.skipIf(missing !== undefined)(
  `R2, P5: a page shows a run that goes on, each line once and in order, while the host that owns its Worker is killed [needs ${missing ?? 'chromium'}]`,
  async () => {
    const [owner, other] = (await sharingHosts(2)) as [HostProcess, HostProcess];
    const { shown, worker } = await watched(owner, (await wayTo(other)).url);
    await count(shown);
    await expect.poll(() => countOf(shown)).toBeGreaterThan(10);
    owner.child.kill('SIGKILL');
    await owner.ended;
    const seen = await countOf(shown);
    expect(seen).toBeLessThan(numbers);

    await expect.poll(() => countOf(shown)).toBe(numbers);
    await shown.reaches('idle');
    expect(await textOf(shown)).toBe(all.trim());
    const events = await (await other.ask(`${worker}/observations?limit=500`)).text();
    expect(events).toContain('"cause":"recover"');
    expect(events).not.toContain('interrupted');
    await shown.send('3 1');
    await expect.poll(async () => (await textOf(shown)).endsWith('|1 2 3')).toBe(true);
  },
  120_000,
);

test.skipIf(missing !== undefined)(
  `P5: a page whose host is drained goes on at another one, signed in as before, and shows each line once and in order [needs ${missing ?? 'chromium'}]`,
  async () => {
    const [owner, other] = (await sharingHosts(2)) as [HostProcess, HostProcess];
    const between = await wayTo(other);
    const { shown } = await watched(owner, between.url);
    await count(shown);
    await expect.poll(() => countOf(shown)).toBeGreaterThan(10);
    between.lead(portOf(owner));
    other.child.kill('SIGTERM');
    expect((await other.ended).code).toBe(0);
    expect(await countOf(shown)).toBeLessThan(numbers);

    await expect.poll(() => countOf(shown)).toBe(numbers);
    await shown.reaches('idle');
    expect(await textOf(shown)).toBe(all.trim());
    await shown.send('3 1');
    await expect.poll(async () => (await textOf(shown)).endsWith('|1 2 3')).toBe(true);
  },
  120_000,
);
