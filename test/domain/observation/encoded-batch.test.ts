import fc from 'fast-check';
import { expect, it } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import { Epoch, formatCursor } from '../../../src/domain/observation/cursor.js';
import { EncodedBatch } from '../../../src/domain/observation/encoded-batch.js';
import type { Stretch } from '../../../src/domain/observation/encoded-batch.js';
import { encodeObservation } from '../../../src/domain/observation/encoded.js';
import { inputIdOf } from '../../support/observations.js';

const stretches: readonly Stretch[] = [
  { epoch: Epoch('0badcafe'), at: '2026-11-30T10:00:00.000Z' },
  { epoch: Epoch('0badcafe'), at: '2026-11-30T10:00:00.001Z', inputId: inputIdOf(1) },
  { epoch: Epoch('00000001'), at: '2026-11-30T10:00:00.001Z', inputId: inputIdOf(2) },
];
const added = fc.array(fc.record({ stretch: fc.constantFrom(...stretches), text: fc.string({ unit: 'binary' }) }));
const first = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 2 ** 49 }));

it('O7: each observation of a batch is the very text that it is alone, numbered without a gap', () => {
  fc.assert(
    fc.property(first, added, (from, all) => {
      const batch = new EncodedBatch(from);
      for (const { stretch, text } of all)
        batch.add(stretch, JSON.stringify({ type: 'text-delta', messageId: 'm', text }));
      const alone = all.map(({ stretch: { epoch, at, inputId }, text }, index) => {
        const sequence = Sequence(from + index);
        const event = { type: 'text-delta', messageId: 'm', text } as const;
        return encodeObservation({
          cursor: formatCursor(epoch, sequence),
          sequence,
          at,
          ...(inputId && { inputId }),
          event,
        });
      });
      expect(batch.observations).toEqual(alone);
      expect(batch.next).toBe(from + all.length);
    }),
  );
});

it('what is added after a look is there at the next', () => {
  const batch = new EncodedBatch(1);
  const [stretch] = stretches;
  if (!stretch) throw new Error('none');
  batch.add(stretch, '{}');
  expect(batch.observations).toHaveLength(1);
  batch.add(stretch, '{}');
  expect(batch.observations.map(({ sequence }) => sequence)).toEqual([1, 2]);
});
