import { expect, test } from 'vitest';

import { edgeOf } from '../../../../src/adapters/browser-gateway/edge/edge.js';
import { SocketSession } from '../../../../src/adapters/browser-gateway/websocket/socket-session.js';
import { RuntimeId } from '../../../../src/domain/ids.js';
import type { Frame } from '../../../../src/index.js';
import { registry } from '../../../../src/index.js';
import { frameSource } from '../../../support/frames.js';
import { cursorAt, runtimeId, scriptedGateway, workerView } from '../../../support/scripted-gateway.js';
import { scriptedPeer } from '../../../support/scripted-peer.js';
import { subscribe, unsubscribe } from '../../../support/socket-server.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const snapshot: Frame = { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };

test('W18: a Runtime that hangs keeps nobody from watching a Worker of another one on the same socket', async () => {
  const hung = RuntimeId('hung');
  const gateway = registry(
    new Map([
      [runtimeId, scriptedGateway(frameSource(snapshot))],
      [hung, scriptedGateway({ observe: (from, signal) => frameSource().observe(from, signal) })],
    ]),
  );
  const clock = virtualClock();
  const peer = scriptedPeer();
  peer.takeAll();
  const session = new SocketSession(peer, edgeOf({ gateway, clock }));
  const say = (message: object): void => session.received(JSON.stringify(message));
  for (let index = 0; index < 20; index += 1) say(subscribe(`hung${index}`, { runtimeId: hung }));
  say(unsubscribe('hung0'));
  say(subscribe('mine'));
  await clock.settle();
  expect(peer.messages()).toEqual([]);
  await clock.advance(1_000);
  await expect.poll(() => peer.messages()).toContainEqual({ type: 'subscribed', id: 'mine' });
  session.closed();
  await expect.poll(() => clock.pending).toBe(0);
});
