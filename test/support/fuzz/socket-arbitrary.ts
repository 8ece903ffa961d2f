import * as fc from 'fast-check';

import { maxSocketMessageBytes } from '../../../src/protocol/browser-socket.js';

import { jsonTextBy } from './json-arbitrary.js';
import type { Act, From, Place } from './live-host.js';
import { slots } from './live-host.js';
import { encodeFrame, opcodes } from './socket-frame.js';

/** What a client does next. */
export type Step =
  /** Text messages that are good frames, whatever they say. */
  | { readonly does: 'say'; readonly text: string; readonly cuts: readonly number[] }
  | { readonly does: 'subscribe'; readonly id: string; readonly place: Place; readonly from: From }
  | { readonly does: 'bytes'; readonly payload: Uint8Array }
  /** Good frames that nothing answers but the protocol. */
  | { readonly does: 'control'; readonly frame: Buffer }
  /** No good frame: the code that it is closed with, where that is certain. */
  | { readonly does: 'fault'; readonly frame: Buffer; readonly code: number | undefined }
  /** Until everything so far is answered. */
  | { readonly does: 'settle' }
  | { readonly does: 'act'; readonly act: Act };

export interface Talk {
  readonly isKnown: boolean;
  readonly steps: readonly Step[];
  readonly end: { readonly close: Buffer; readonly code: number | undefined } | 'fin' | 'reset';
}

const byte = fc.nat(255);
export const mask = fc.tuple(byte, byte, byte, byte);
const id = fc.constantFrom('a', 'b', 'c', 'd.1', 'e:_-', 'x'.repeat(64));
const slot = fc.nat(slots - 1);

const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ slot }) },
  fc.constantFrom<Place>('resident', 'deleted', 'unknown', 'no-id', 'elsewhere'),
);
const from: fc.Arbitrary<From> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<From>('snapshot') },
  { weight: 3, arbitrary: fc.constant<From>('start') },
  { weight: 3, arbitrary: fc.record({ back: fc.nat(30) }) },
  fc.constantFrom<From>('ahead', 'other-epoch', 'no-cursor'),
);
const subscribe = fc.record({ does: fc.constant('subscribe' as const), id, place, from });

const text = fc.oneof(
  { weight: 4, arbitrary: jsonTextBy({ $ref: '#/components/schemas/SocketRequest' }) },
  { weight: 4, arbitrary: id.map((name) => JSON.stringify({ type: 'unsubscribe', id: name })) },
  { weight: 2, arbitrary: fc.constant(JSON.stringify({ type: 'ping' })) },
  fc.constant(JSON.stringify({ type: 'authenticate', token: 'good' })),
);
const say = fc
  .tuple(text, fc.array(fc.nat(60), { maxLength: 3 }))
  .filter(([made]) => Buffer.byteLength(made) <= maxSocketMessageBytes)
  .map(([made, cuts]): Step => ({ does: 'say', text: made, cuts }));

const bytes = fc.uint8Array({ maxLength: 200 });
const short = fc.uint8Array({ maxLength: 125 });
const control = fc
  .tuple(fc.constantFrom(opcodes.ping, opcodes.pong), short, mask)
  .map(([opcode, payload, key]): Step => ({ does: 'control', frame: encodeFrame(payload, { opcode, mask: key }) }));

const fault = (code: number | undefined, frame: Buffer): Step => ({ does: 'fault', frame, code });
const zero = [0, 0, 0, 0] as const;
const badText = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0x7b, 0x22, 0xe2, 0x82],
  [...Buffer.from('{"type":"'), 0xfe],
];
const badCloses = [[3], [0, 0], [3, 231], [3, 236], [3, 237], [3, 238], [3, 247], [19, 136], [3, 232, 0xff]];
const hugeLength = (high: number): Buffer => Buffer.from([0x81, 0xff, high, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
const fin = fc.boolean();

const faults: fc.Arbitrary<Step> = fc.oneof(
  bytes.filter((made) => made.length > 0).map((made) => fault(undefined, Buffer.from(made))),
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom(1, 2, 8, 9, 10), short, mask)
    .map(([reserved, opcode, payload, key]) => fault(1002, encodeFrame(payload, { opcode, reserved, mask: key }))),
  fc
    .tuple(fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), fin, short, mask)
    .map(([opcode, isLast, payload, key]) => fault(1002, encodeFrame(payload, { opcode, fin: isLast, mask: key }))),
  fc
    .tuple(fc.constantFrom(1, 2, 8, 9, 10), short)
    .map(([opcode, payload]) => fault(1002, encodeFrame(payload, { opcode }))),
  fc.tuple(short, mask).map(([payload, key]) => fault(1002, encodeFrame(payload, { opcode: 0, mask: key }))),
  fc
    .tuple(fc.constantFrom(8, 9, 10), mask)
    .map(([opcode, key]) => fault(1002, encodeFrame('', { opcode, fin: false, mask: key }))),
  fc
    .tuple(fc.constantFrom(8, 9, 10), mask)
    .map(([opcode, key]) => fault(1002, encodeFrame('x'.repeat(126), { opcode, mask: key }))),
  fc
    .tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2), mask)
    .map(([one, other, key]) =>
      fault(
        1002,
        Buffer.concat([
          encodeFrame('{', { opcode: one, fin: false, mask: key }),
          encodeFrame('}', { opcode: other, mask: key }),
        ]),
      ),
    ),
  fc
    .tuple(fc.constantFrom(...badText), mask)
    .map(([payload, key]) => fault(1007, encodeFrame(Buffer.from(payload), { opcode: 1, mask: key }))),
  fc
    .tuple(fc.constantFrom(1, 2), fc.constantFrom(2, 8), mask)
    .map(([opcode, lengthBytes, key]) =>
      fault(1009, encodeFrame('x'.repeat(maxSocketMessageBytes + 1), { opcode, lengthBytes, mask: key })),
    ),
  mask.map((key) =>
    fault(
      1009,
      Buffer.concat([
        encodeFrame('x'.repeat(maxSocketMessageBytes), { opcode: 1, fin: false, mask: key }),
        encodeFrame('x', { opcode: 0, mask: key }),
      ]),
    ),
  ),
  fc.constantFrom(0xff, 0x7f, 0).map((high) => fault(1009, hugeLength(high))),
  fc
    .constantFrom(...badCloses)
    .map((payload) =>
      fault(
        payload.length === 3 ? 1007 : 1002,
        encodeFrame(Buffer.from(payload), { opcode: opcodes.close, mask: zero }),
      ),
    ),
);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ slot, say: fc.constantFrom(1, 5, 20) }) },
  { weight: 2, arbitrary: fc.record({ replace: slot }) },
  fc.record({ stop: slot }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: subscribe },
  { weight: 6, arbitrary: say },
  { weight: 2, arbitrary: bytes.map((payload): Step => ({ does: 'bytes', payload })) },
  { weight: 3, arbitrary: control },
  { weight: 1, arbitrary: faults },
  { weight: 2, arbitrary: fc.constant<Step>({ does: 'settle' }) },
  { weight: 6, arbitrary: act.map((made): Step => ({ does: 'act', act: made })) },
);

const closing = fc
  .tuple(fc.constantFrom(undefined, 1000, 1001, 1011, 3000, 4001, 4999), fc.constantFrom('', 'bye', '日'), mask)
  .map(([code, reason, key]) => {
    const payload = code === undefined ? [] : [code >> 8, code & 255, ...Buffer.from(reason)];
    return { code, close: encodeFrame(Buffer.from(payload), { opcode: opcodes.close, mask: key }) };
  });

export const talk: fc.Arbitrary<Talk> = fc.record({
  isKnown: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, fc.constant(false)),
  steps: fc.array(step, { maxLength: 12 }),
  end: fc.oneof({ weight: 4, arbitrary: closing }, fc.constantFrom<'fin' | 'reset'>('fin', 'reset')),
});
