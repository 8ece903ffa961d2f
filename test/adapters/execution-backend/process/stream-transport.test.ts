import { PassThrough, Writable } from 'node:stream';

import { expect, test } from 'vitest';

import { streamTransport } from '../../../../src/adapters/execution-backend/process/index.js';
import { textOf } from '../../../support/programs.js';

test('a full pipe answers a promise that resolves when it takes more', async () => {
  const release: (() => void)[] = [];
  const output = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => void release.push(done) });
  const transport = streamTransport(new PassThrough(), output);
  expect(transport.write('abc')).toBeUndefined();
  const room = transport.write('def');
  expect(room).toBeInstanceOf(Promise);
  expect(transport.write('g')).toBe(room);
  release.shift()?.();
  release.shift()?.();
  release.shift()?.();
  await room;
  expect(transport.write('h')).toBeUndefined();
});

test('who waits for room is let go when the pipe breaks', async () => {
  const output = new Writable({ highWaterMark: 1, write: () => undefined });
  const transport = streamTransport(new PassThrough(), output);
  const room = transport.write('abc');
  output.destroy(new Error('broken pipe'));
  await room;
  expect(transport.write('more')).toBeUndefined();
});

test('close lets out what was written, and what comes in afterwards is dropped', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = streamTransport(input, output);
  const chunks: string[] = [];
  transport.start((chunk) => chunks.push(String(chunk)));
  void transport.write('last words');
  transport.close();
  void transport.write('too late');
  input.write('too late');
  expect(await textOf(output)).toBe('last words');
  await transport.closed;
  expect(chunks).toEqual([]);
});

test.each(['end', 'destroy'] as const)('closed resolves when the other side does: %s', async (how) => {
  const input = new PassThrough();
  const transport = streamTransport(input, new PassThrough());
  transport.start(() => undefined);
  input[how]();
  await transport.closed;
});
