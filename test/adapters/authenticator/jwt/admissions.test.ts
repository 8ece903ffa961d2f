import { expect, test } from 'vitest';

import { Admissions } from '../../../../src/adapters/authenticator/jwt/admissions.js';
import { virtualClock } from '../../../support/virtual-clock.js';

test('P3: a token that was forgotten and is verified again is the same one, with one timer', async () => {
  const clock = virtualClock();
  const admissions = new Admissions(clock, 2);
  const verify = (token: string) =>
    admissions.get(token) ?? admissions.add(token, { id: token, scopes: [] }, clock.now() + 60_000, clock.now() + 1);
  const first = ['a', 'b', 'c'].map(verify);
  for (let round = 0; round < 5; round += 1) ['a', 'b', 'c'].forEach(verify);
  expect(clock.pending).toBe(3);
  expect(verify('a').admission).toBe(first[0]?.admission);
  await clock.advance(60_000);
  expect(first.map(({ admission }) => admission.revoked?.aborted)).toEqual([true, true, true]);
  expect([admissions.get('a'), clock.pending]).toEqual([undefined, 0]);
});
