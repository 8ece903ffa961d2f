import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import {
  Epoch,
  epochAt,
  epochFromUuid,
  formatCursor,
  parseCursor,
  resolveCursor,
} from '../../../src/domain/observation/cursor.js';

const epochs = fc.nat({ max: 0xffff_ffff }).map((value) => Epoch(value.toString(16).padStart(8, '0')));
const sequences = fc.maxSafeNat().map(Sequence);
const first = Epoch('0000000a');
const second = Epoch('0000000b');
const log = {
  epochs: [
    { epoch: first, from: Sequence(1) },
    { epoch: second, from: Sequence(6) },
  ],
  last: Sequence(9),
};
const resolve = (epoch: Epoch, sequence: number) => resolveCursor(formatCursor(epoch, Sequence(sequence)), log);

describe('cursors', () => {
  it('P5: a cursor says exactly the position it was made of', () => {
    fc.assert(
      fc.property(epochs, sequences, (epoch, sequence) => {
        expect(parseCursor(formatCursor(epoch, sequence))).toEqual({ epoch, sequence });
      }),
    );
  });

  it('P5: a text is a cursor only if it is the one text of its position', () => {
    const near = fc.tuple(epochs, sequences, fc.nat({ max: 28 }), fc.constantFrom('', 'A', 'g', '0', ' ', '\n', '_'));
    fc.assert(
      fc.property(near, ([epoch, sequence, at, put]) => {
        const whole = formatCursor(epoch, sequence);
        const text = whole.slice(0, at) + put + whole.slice(at + 1);
        const cursor = parseCursor(text);
        if (cursor) expect(formatCursor(cursor.epoch, cursor.sequence)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    'start',
    'wo_0000000A_0000000000000001',
    'wo_0000000a_000000000000001',
    'wo_0000000a_00000000000000001',
    'wo_0000000a_0000000000000001\n',
    ' wo_0000000a_0000000000000001',
    'wo_0000000a_ffffffffffffffff',
  ])('P5: %j is cursor-invalid', (text) => {
    expect(resolveCursor(text, log)).toEqual({ problem: 'cursor-invalid' });
  });

  it('P5: a cursor is known where its epoch covers its sequence', () => {
    expect(resolve(first, 1)).toEqual({ sequence: 1 });
    expect(resolve(first, 5)).toEqual({ sequence: 5 });
    expect(resolve(second, 6)).toEqual({ sequence: 6 });
    expect(resolve(second, 9)).toEqual({ sequence: 9 });
  });

  it('P5: a cursor of another epoch, ahead of the log or before its first observation is cursor-unknown', () => {
    const unknown = { problem: 'cursor-unknown' };
    expect(resolve(first, 6)).toEqual(unknown);
    expect(resolve(second, 5)).toEqual(unknown);
    expect(resolve(second, 10)).toEqual(unknown);
    expect(resolve(first, 0)).toEqual(unknown);
    expect(resolve(Epoch('0000000c'), 3)).toEqual(unknown);
  });

  it('no epoch covers what stands before the first one', () => {
    expect(epochAt([], Sequence(1))).toBeUndefined();
    expect(epochAt(log.epochs.slice(1), Sequence(5))).toBeUndefined();
  });

  it('an epoch is eight hexadecimal digits', () => {
    expect(epochFromUuid('0190d1b2-0000-7000-8000-0000deadbeef')).toBe('deadbeef');
    expect(() => Epoch('xyz')).toThrow(TypeError);
    expect(() => Epoch('0badcafe0')).toThrow(TypeError);
  });
});
