import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { SocketAccount } from '../../../support/fuzz/socket-account.js';
import { LiveHost, limits } from '../../../support/fuzz/live-host.js';
import type { Talk } from '../../../support/fuzz/socket-arbitrary.js';
import { talk } from '../../../support/fuzz/socket-arbitrary.js';
import { haveTalk } from '../../../support/fuzz/socket-talk.js';
import { fuzzed } from '../../../support/fuzz/settings.js';
import { socketClient } from '../../../support/socket-client.js';
import type { SocketClient } from '../../../support/socket-client.js';

const patience = { timeout: 5_000, interval: 2 };
let host: LiveHost;
let watcher: SocketClient;
const account = new SocketAccount();
let talks = 0;
const told = new Map<string, number>();
const closes = new Map<string, number>();
const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
const listed = (counts: Map<string, number>): string =>
  [...counts].map(([name, number]) => `${name} ${number}`).join(', ');

async function watch(client: SocketClient, id: string): Promise<string> {
  const text = await host.subscription(id, 'resident', 'snapshot');
  client.say(text);
  return text;
}

beforeAll(async () => {
  host = await LiveHost.start();
  watcher = await socketClient(host.listener.url, { token: 'good' });
  account.said('{"type":"authenticate","token":"good"}');
  account.said(await watch(watcher, 'watcher'));
});
afterAll(async () => {
  await watcher[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  console.log(`${talks} talks; messages: ${listed(told)}; closes: ${listed(closes)}`);
});

/** Who watched before all of it sees everything that is said, and nothing twice. */
async function watcherIsServed(): Promise<void> {
  const last = await host.residentSpeaks();
  for (let seen = 0; seen < last;) {
    const message = await watcher.next();
    account.told(JSON.stringify(message));
    if (message.type === 'events') seen = message.observations.at(-1)?.sequence ?? 0;
    if (message.type === 'snapshot') seen = Number.parseInt(message.cursor.slice(-16), 16);
  }
}

/** Everything that the talks held is given back: somebody who comes now may hold as much as anybody. */
async function nothingIsHeld(): Promise<void> {
  await vi.waitFor(() => expect(host.observers.open).toBe(1), patience);
  const left = limits.subscriptions - 1;
  await using client = await socketClient(host.listener.url, { token: 'good' });
  for (let index = 0; index < left; index += 1) await watch(client, `s${index}`);
  const answers: string[] = [];
  while (answers.length < left) {
    const { type } = await client.next();
    if (type === 'subscribed' || type === 'problem') answers.push(type);
  }
  expect(answers).toEqual(Array.from({ length: left }, () => 'subscribed'));
  await client[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(host.observers.open).toBe(1), patience);
}

async function together(all: readonly Talk[]): Promise<void> {
  for (const { types, closed } of await Promise.all(all.map((one) => haveTalk(one, host)))) {
    talks += 1;
    for (const type of types) count(told, type);
    count(closes, String(closed ?? 'none'));
  }
  await watcherIsServed();
  await nothingIsHeld();
  expect(host.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

test('B1: whatever is said on a WebSocket is answered as the protocol says, and nothing of it is left', async () => {
  const batch = fc.array(talk, { minLength: 8, maxLength: 8 });
  await fc.assert(fc.asyncProperty(batch, together), { ...fuzzed(60), endOnFailure: true });
});
