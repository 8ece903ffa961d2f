import { describe, expect, test } from 'vitest';

import { canaries } from './canary.js';
import { findLeaks } from './find-leaks.js';
import type { Reply } from './recorder.js';
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
});

describe('the check of shapes', () => {
  const reply = (kind: string, body: unknown, status = 200): Reply => ({
    asked: 'GET /x',
    kind,
    status,
    head: '',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const runtime = { runtimeId: 'local', ready: true, draining: false, durability: 'none' };
  const question = { questionId: 'q', prompt: '', options: [{ optionId: 'a', label: 'A' }] };
  const observation = {
    cursor: 'wo_00000000_0000000000000001',
    sequence: 1,
    at: '2026-01-01T00:00:00.000Z',
    event: { type: 'question-asked', ...question },
  };
  const stream = (event: unknown): string =>
    `retry: 1000\n\nid: x\nevent: observation\ndata: ${JSON.stringify(event)}\n\n`;

  test('takes what is in the schema', () => {
    expect(outsideOfSchema(reply('runtime', { runtime }))).toEqual([]);
    expect(outsideOfSchema(reply('stream', stream(observation)))).toEqual([]);
  });

  const wrong: Readonly<Record<string, Reply>> = {
    'a key too many': reply('runtime', { runtime: { ...runtime, pid: 1 } }),
    'a key too many beside': reply('runtime', { runtime, debug: {} }),
    'a key too many in a problem': reply('runtime', { type: 'urn:workport:problem:internal', stack: '' }, 500),
    'a value of another form': reply('runtime', { runtime: { ...runtime, durability: 'disk' } }),
    'an answer without a schema': reply('nothing', {}),
    'a key too many in an event': reply('stream', stream({ ...observation, event: { ...observation.event, pid: 1 } })),
    'a key too many in an option': reply(
      'stream',
      stream({ ...observation, event: { ...observation.event, options: [{ optionId: 'a', label: 'A', secret: 1 }] } }),
    ),
    'an event without a schema': reply('stream', 'event: debug\ndata: {}\n\n'),
  };
  test.for(Object.entries(wrong))('finds %s', ([, one]) => {
    expect(outsideOfSchema(one)).toHaveLength(1);
  });

  test('sees every key, however deep', () => {
    expect(keysOf(reply('runtime', { runtime: { list: [{ canCancel: true }] } }))).toContain('canCancel');
  });
});
