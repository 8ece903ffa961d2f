import { describe, expect, test } from 'vitest';

import { titleOf } from '../../../src/protocol/titles.js';

import { canaries } from './canary.js';
import { findLeaks } from './find-leaks.js';
import { leaksIn } from './leaks-in.js';
import type { Recording, Reply, SocketRecord } from './recording.js';
import { keysOf, outsideOfSchema } from './shape.js';

const { text, name, planted } = canaries();
const secret = text('text');
const code = name('code');
const base64 = (value: string, before: string): string => Buffer.from(`${before}${value} and more`).toString('base64');

const leaks: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => `x-header: ${value}`,
  'JSON-escaped': (value) => JSON.stringify({ text: value }),
  'JSON in JSON': (value) => JSON.stringify({ text: JSON.stringify({ text: value }) }),
  'JSON with every character escaped': (value) =>
    [...Array(value.length).keys()].map((at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  'URL-encoded': (value) => `/path?x=${encodeURIComponent(value)}`,
  'form-encoded': (value) => new URLSearchParams({ x: value }).toString(),
  'URL-encoded in lower case': (value) => encodeURIComponent(value).replace(/%../g, (byte) => byte.toLowerCase()),
  'base64 at 0': (value) => base64(value, ''),
  'base64 at 1': (value) => base64(value, 'a'),
  'base64 at 2': (value) => base64(value, 'ab'),
  base64url: (value) => base64(value, 'abc').replaceAll('+', '-').replaceAll('/', '_'),
  'as markup': (value) => value.replaceAll('"', '&quot;').replaceAll('ü', '&#xFC;'),
  'as markup in decimal': (value) => value.replaceAll('"', '&#34;').replaceAll('ü', '&uuml;'),
};

describe('the search for leaks', () => {
  test.for(Object.entries(leaks))('finds what leaked %s, and says where it was planted', ([, leak]) => {
    const around = (value: string): string => `HTTP/1.1 200 OK\r\n\r\n{"a":"b"} ${leak(value)} {}`;
    expect(findLeaks(around(secret), planted)).toEqual(['text']);
    expect(findLeaks(around(code), planted)).toEqual(['code']);
  });

  test('finds nothing where nothing leaked', () => {
    const other = canaries();
    expect(findLeaks(`${other.text('text')} ${other.name('code')} ${JSON.stringify(leaks)}`, planted)).toEqual([]);
  });

  test('finds what is on the wire and in no part of an answer', () => {
    const reply: Reply = { asked: 'GET /x', kind: 'live', status: 200, head: '', body: '', bytes: Buffer.from(secret) };
    expect(leaksIn({ replies: [reply] }, planted)).toEqual([{ where: 'text', place: 'bytes', asked: 'GET /x' }]);
    const latin = { ...reply, bytes: Buffer.from(secret, 'latin1') };
    expect(leaksIn({ replies: [latin] }, planted)).toEqual([{ where: 'text', place: 'bytes', asked: 'GET /x' }]);
  });
});

const bytes = Buffer.alloc(0);
const shown = (kind: string, body: unknown, { status = 200, head = '' } = {}): Recording => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { replies: [{ asked: 'GET /x', kind, status, head, body: text, bytes }] };
};
const said = (message: object, close?: SocketRecord['close']): Recording => ({
  sockets: [{ asked: 'socket', messages: [JSON.stringify(message)], close, bytes }],
});
const runtime = { runtimeId: 'local', ready: true, draining: false, durability: 'none' };
const problem = {
  type: 'urn:workport:problem:worker-unknown',
  title: titleOf['worker-unknown'],
  status: 404,
  code: 'worker-unknown',
};
const ready = { event: 'ready', url: 'http://127.0.0.1:7420', runtimeId: 'local', pid: 1 };
const question = { questionId: 'q', prompt: '', options: [{ optionId: 'a', label: 'A' }] };
const observation = {
  cursor: 'wo_00000000_0000000000000001',
  sequence: 1,
  at: '2026-01-01T00:00:00.000Z',
  event: { type: 'question-asked', ...question },
};
const events = (...observations: object[]): object => ({ type: 'events', id: 'a', observations });
const stream = (event: unknown): string =>
  `retry: 1000\n\nid: x\nevent: observation\ndata: ${JSON.stringify(event)}\n\n`;
const withSecret = { ...observation, event: { ...observation.event, options: [{ optionId: 'a', label: 'A', x: 1 }] } };

describe('the check of shapes', () => {
  const right: Readonly<Record<string, Recording>> = {
    'an answer': shown('runtime', { runtime }, { head: 'HTTP/1.1 200 OK\r\nContent-Type: application/json' }),
    'a problem': shown('runtime', problem, { status: 404 }),
    'a stream': shown('stream', stream(observation)),
    'a message of a socket': said(events(observation)),
    'a close': said({ type: 'pong' }, { code: 4001, reason: 'unauthenticated' }),
    'the ready line': { ready: `${JSON.stringify(ready)}\n` },
  };
  test.for(Object.entries(right))('takes %s that is in the schema', ([, one]) => {
    expect(outsideOfSchema(one)).toEqual([]);
  });

  const wrong: Readonly<Record<string, Recording>> = {
    'a key too many': shown('runtime', { runtime: { ...runtime, pid: 1 } }),
    'a key too many beside': shown('runtime', { runtime, debug: {} }),
    'a key too many in a problem': shown('runtime', { ...problem, stack: '' }, { status: 500 }),
    'a title of its own': shown('runtime', { ...problem, title: 'Cannot read /etc/x' }, { status: 404 }),
    'a value of another form': shown('runtime', { runtime: { ...runtime, durability: 'disk' } }),
    'an answer without a schema': shown('nothing', {}),
    'another document': shown('openapi', { openapi: '3.1.0' }),
    'a header that nobody knows': shown('runtime', '', { head: 'HTTP/1.1 204 No Content\r\nX-Powered-By: x' }),
    'a key too many in an event': shown('stream', stream({ ...observation, pid: 1 })),
    'a key too many in an option': shown('stream', stream(withSecret)),
    'an event without a schema': shown('stream', 'event: debug\ndata: {}\n\n'),
    'a key too many in a message': said({ type: 'pong', pid: 1 }),
    'a key too many in an event of a message': said(events(withSecret)),
    'a message without a schema': said({ type: 'debug' }),
    'a reason that is none of ours': said({ type: 'pong' }, { code: 1011, reason: 'Error: no such file' }),
    'a reason of another code': said({ type: 'pong' }, { code: 1011, reason: 'unauthenticated' }),
    'a key too many in the ready line': { ready: JSON.stringify({ ...ready, token: 'x' }) },
    'a token in the address of the ready line': { ready: JSON.stringify({ ...ready, url: `${ready.url}/?token=x` }) },
    'a second line': { ready: `${JSON.stringify(ready)}\n{}\n` },
  };
  test.for(Object.entries(wrong))('finds %s', ([, one]) => {
    expect(outsideOfSchema(one)).toHaveLength(1);
  });

  test('sees every key, however deep', () => {
    expect(keysOf(shown('runtime', { runtime: { list: [{ canCancel: true }] } }))).toContain('canCancel');
    expect(keysOf(said({ type: 'x', list: [{ canCancel: true }] }))).toContain('canCancel');
  });
});
