import { expect, test } from 'vitest';

import { Outbox } from '../../../../src/adapters/execution-backend/wire/outbox.js';
import type { LineSource } from '../../../../src/adapters/execution-backend/wire/outbox.js';
import type { WireTransport } from '../../../../src/adapters/execution-backend/wire/transport.js';

/** A pipe that takes one write at a time when it is `narrow`, and the next one when it is drained. */
function pipe({ narrow = false } = {}) {
  const writes: string[] = [];
  let resolve: () => void = () => undefined;
  const transport: WireTransport = {
    start: () => undefined,
    close: () => undefined,
    closed: new Promise(() => undefined),
    write: (text) => {
      writes.push(text);
      return narrow ? new Promise((settle) => (resolve = settle)) : undefined;
    },
  };
  return { outbox: new Outbox(transport, 1000), writes, drain: () => resolve() };
}

const source = (...lines: string[]): LineSource => ({ take: () => lines.shift() });
const turn = () => new Promise(setImmediate);

test('E4: what one turn says is one write', async () => {
  const { outbox, writes } = pipe();
  outbox.push('a\n');
  await Promise.resolve();
  outbox.push('b\n');
  await turn();
  outbox.push('c\n');
  await turn();
  expect(writes).toEqual(['a\nb\n', 'c\n']);
});

test('E4: nothing is written until the pipe is drained, then requests and acknowledgements before events', async () => {
  const { outbox, writes, drain } = pipe({ narrow: true });
  outbox.push('first\n');
  await turn();
  outbox.events(source('event\n'));
  outbox.prompt(source('ack\n'));
  outbox.push('request\n');
  await turn();
  expect(writes).toEqual(['first\n']);
  drain();
  await turn();
  expect(writes).toEqual(['first\n', 'request\nack\nevent\n']);
});

test('sources of events take turns', async () => {
  const { outbox, writes } = pipe();
  outbox.events(source('a1\n', 'a2\n'));
  outbox.events(source('b1\n', 'b2\n'));
  await turn();
  expect(writes).toEqual(['a1\nb1\na2\nb2\n']);
});

test('a request waits behind no more than one write of events', async () => {
  const { outbox, writes, drain } = pipe({ narrow: true });
  const endless: LineSource = { take: () => `${'e'.repeat(1000)}\n` };
  outbox.events(endless);
  await turn();
  outbox.push('request\n');
  drain();
  await turn();
  expect(writes[1]?.startsWith('request\n')).toBe(true);
  expect(writes.every((text) => text.length < 70_000)).toBe(true);
});

test('an other end that does not read is noticed: the queue is bounded', async () => {
  const { outbox } = pipe({ narrow: true });
  expect(outbox.push('x'.repeat(900))).toBe(true);
  expect(outbox.push('x'.repeat(900))).toBe(false);
});

test('a closed outbox takes nothing', async () => {
  const { outbox, writes } = pipe();
  outbox.push('a\n');
  outbox.close();
  expect(outbox.push('b\n')).toBe(false);
  await turn();
  expect(writes).toEqual(['a\n']);
});
