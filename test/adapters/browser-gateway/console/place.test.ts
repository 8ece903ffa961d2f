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

test('the code of a link is what a host made, whatever was copied with it', () => {
  for (const fragment of ['#code=AbC_-0', '#code=AbC_-0.', '#code=AbC_-0)', '#code=AbC_-0%20', '#code=AbC_-0&x']) {
    expect(codeIn(fragment), fragment).toBe('AbC_-0');
  }
  for (const fragment of ['#code=', '#code=<b>']) expect(codeIn(fragment), fragment).toBe('');
  for (const fragment of ['', '#', '#/new', '#xcode=a', '#/code=a']) expect(codeIn(fragment), fragment).toBeUndefined();
});
