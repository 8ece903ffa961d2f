import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { codeIn, fragmentOf, placeOf } from '../../../../src/adapters/browser-gateway/console/page/place.js';
import type { Place } from '../../../../src/adapters/browser-gateway/console/page/place.js';
import type { RuntimeId, WorkerId } from '../../../../src/domain/ids.js';

describe('the place that a fragment names', () => {
  test('is the one it was made of, whatever the ids are', () => {
    const id = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(id, id, (runtimeId, workerId) => {
        const place: Place = { at: 'worker', runtimeId: runtimeId as RuntimeId, workerId: workerId as WorkerId };
        expect(placeOf(fragmentOf(place))).toEqual(place);
      }),
    );
    expect(placeOf(fragmentOf({ at: 'new' }))).toEqual({ at: 'new' });
    expect(placeOf(fragmentOf({ at: 'start' }))).toEqual({ at: 'start' });
  });

  test.for([
    '',
    '#',
    '#/',
    '#code=abc',
    '#/workers/local',
    '#/workers//x',
    '#/workers/a/b/c',
    '#/workers/%/%zz',
    '#/x',
  ])('%s is the start', (fragment) => {
    expect(placeOf(fragment)).toEqual({ at: 'start' });
  });
});

test('the code of a link is what a host made, and nothing else', () => {
  expect(codeIn('#code=AbC_-0')).toBe('AbC_-0');
  for (const fragment of ['', '#code=', '#code=a b', '#code=<b>', '#/new', '#xcode=a']) {
    expect(codeIn(fragment), fragment).toBeUndefined();
  }
});
