import { expect, test } from 'vitest';

import { browserClient } from '../../src/adapters/browser-gateway/client/index.js';
import { httpHandler } from '../../src/adapters/browser-gateway/http/index.js';
import { RuntimeId } from '../../src/domain/ids.js';
import { mountRuntime, registry } from '../../src/index.js';
import type { BrowserGateway } from '../../src/index.js';
import { runtimeId, runtimeView, scriptedGateway } from '../support/scripted-gateway.js';

const answered = { outcome: 'answered', runtimes: [runtimeView] } as const;

/** Two hosts, each of which shows the Runtime of the other beside its own. */
function circle(local: BrowserGateway) {
  const asked: string[] = [];
  const limit = 50;
  function hostOf(name: string, other: () => BrowserGateway): BrowserGateway {
    const client = browserClient({
      url: `http://${name}`,
      timeoutMs: 1_000,
      fetch: async (url, init) => {
        asked.push(new URL(url).pathname);
        if (asked.length > limit) throw new Error('no end to it');
        const headers = new Headers(init?.headers);
        headers.set('host', 'localhost');
        return httpHandler({ gateway: other() })(new Request(url, { ...init, headers }));
      },
    });
    const there = RuntimeId('there');
    const mounted = mountRuntime(client, { runtimeId: there, remoteId: runtimeId });
    return registry(
      new Map([
        [runtimeId, local],
        [there, mounted],
      ]),
      { listMs: 500 },
    );
  }
  const left: BrowserGateway = hostOf('right', () => right);
  const right: BrowserGateway = hostOf('left', () => left);
  return { left, asked };
}

test('W18: two hosts that show each other’s Runtime ask each other once for a list', async () => {
  const { left, asked } = circle(scriptedGateway({ read: () => answered }));
  expect(await left.read({ type: 'runtimes' })).toEqual({
    outcome: 'answered',
    runtimes: [runtimeView, { ...runtimeView, runtimeId: RuntimeId('there') }],
  });
  expect(asked).toEqual(['/api/v1/runtimes/local']);
});

test('W18: what a host is asked for is one Runtime, so that another one of its that hangs hides none', async () => {
  const hangs = scriptedGateway({ read: () => new Promise(() => undefined) });
  const local = scriptedGateway({ read: () => answered });
  const far = registry(
    new Map([
      [runtimeId, local],
      [RuntimeId('hung'), hangs],
    ]),
  );
  expect(await far.read({ type: 'runtimes', runtimeId })).toEqual(answered);
  expect(hangs.queries).toEqual([]);
  expect(await far.read({ type: 'runtimes', runtimeId: RuntimeId('none') })).toEqual({
    outcome: 'rejected',
    code: 'runtime-unknown',
  });
});

test('W18: a Runtime that a list does not wait for any more is not asked any longer', async () => {
  const aborted: boolean[] = [];
  const hangs = scriptedGateway({
    read: (_query, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          aborted.push(true);
          reject(signal.reason as Error);
        });
      }),
  });
  const list = registry(new Map([[runtimeId, hangs]]), { listMs: 1 });
  expect(await list.read({ type: 'runtimes' })).toEqual({ outcome: 'answered', runtimes: [] });
  expect(aborted).toEqual([true]);
});
