import { expect, test } from 'vitest';
import * as z from 'zod';

import * as ebp from '../../src/protocol/ebp.js';

const named = { workerId: '01900000-0000-7000-8000-000000000001', generation: 1 };

test('every message of EBP is compiled, so that reading it costs no interpretation', () => {
  const schemas = Object.entries(ebp).filter(([, value]) => value instanceof z.ZodType);
  expect(schemas.length).toBeGreaterThan(15);
  for (const [name, schema] of schemas) {
    expect(() => z.compile(schema as z.ZodType, { strict: true }), name).not.toThrow();
  }
});

test('E3: unknown fields are dropped, in every depth', () => {
  const profile = { name: 'p', options: { own: 1 }, extra: 1 };
  expect(ebp.spawnParams.parse({ ...named, profile, extra: 2 })).toEqual({
    ...named,
    profile: { name: 'p', options: { own: 1 } },
  });
});

test('E3: an unknown value of an enum is wrong, a private one is not', () => {
  const exit = (kind: string) => ebp.exitedParams.safeParse({ ...named, sequence: 1, exit: { kind } }).success;
  expect([exit('code'), exit('_own'), exit('own')]).toEqual([true, true, false]);
  const log = (level: string) => ebp.logParams.safeParse({ level, text: '' }).success;
  expect([log('info'), log('_own'), log('own')]).toEqual([true, true, false]);
  const code = (value: string) =>
    ebp.ackParams.safeParse({ ...named, sequence: 1, refused: [{ sequence: 1, code: value }] }).success;
  expect([code('no-open-run'), code('_own'), code('own')]).toEqual([true, true, false]);
  const outcome = (value: string) => ebp.controlResult.safeParse({ outcome: value }).success;
  expect([outcome('accepted'), outcome('_own'), outcome('own')]).toEqual([true, false, false]);
});

test('a line of events has 1 to 256 of them, each an object with a type; what is in it is not looked into', () => {
  const line = (events: unknown) => ebp.eventsParams.safeParse({ ...named, sequence: 1, events }).success;
  const event = { event: { type: 'anything', of: { any: 'shape' } } };
  expect(line([event])).toBe(true);
  expect(line(Array.from({ length: 256 }, () => event))).toBe(true);
  for (const wrong of [[], Array.from({ length: 257 }, () => event), [{}], [{ event: [] }], [{ event: {} }], event]) {
    expect(line(wrong)).toBe(false);
  }
});

test('ids, generations and sequences of a wrong form are wrong', () => {
  const ack = (change: object) => ebp.ackParams.safeParse({ ...named, sequence: 1, ...change }).success;
  expect(ack({})).toBe(true);
  for (const wrong of [
    { workerId: 'x' },
    { generation: 0 },
    { generation: 1.5 },
    { sequence: -1 },
    { sequence: '1' },
  ]) {
    expect(ack(wrong)).toBe(false);
  }
});
