import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Ring } from '../../../src/adapters/worker-ownership/jetstream/ring.js';
import type { HostId } from '../../../src/ports/worker-ownership.js';

const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 }) as fc.Arbitrary<HostId[]>;

test('the nearest before and behind a host are those of a ring in the order of ids, whether it is in it or not', () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 0, max: 5 }), fc.boolean(), (hosts, count, isIn) => {
      const [self, ...others] = hosts as [HostId, ...HostId[]];
      const ring = new Ring();
      for (const id of [...hosts, ...hosts]) ring.add(id);
      if (!isIn) ring.remove(self);
      const behind = [...others.filter((id) => id > self).sort(), ...others.filter((id) => id < self).sort()];
      expect(ring.hosts).toEqual([...others, ...(isIn ? [self] : [])].sort());
      expect(ring.behind(self, count)).toEqual(behind.slice(0, count));
      expect(ring.before(self, count)).toEqual([...behind].reverse().slice(0, count));
    }),
  );
});

test('of each host as many others are the next as each of them has before it', () => {
  fc.assert(
    fc.property(ids, (hosts) => {
      const ring = new Ring();
      for (const id of hosts) ring.add(id);
      for (const id of hosts) for (const next of ring.behind(id, 3)) expect(ring.before(next, 3)).toContain(id);
    }),
  );
});
