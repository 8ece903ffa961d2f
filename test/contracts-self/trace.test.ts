import { expect, test } from 'vitest';

import { RecordingPublisher } from '../../src/contracts/recording-publisher.js';
import { Trace, traced } from '../../src/contracts/trace.js';
import { Generation, WorkerId } from '../../src/domain/ids.js';

const cyclic: Record<string, unknown> = { outcome: 'accepted' };
cyclic['self'] = cyclic;
const throwing = {
  outcome: 'accepted',
  get detail(): never {
    throw new Error('a getter that throws');
  },
};

test.each([
  ['a cycle', cyclic, '(no JSON)'],
  ['a getter that throws', throwing, '(no JSON)'],
  ['a BigInt', { outcome: 'accepted', took: 3n }, '{"outcome":"accepted","took":"3n"}'],
])('an answer with %s in it is noted, and comes as it was', async (_, answer, noted) => {
  const trace = new Trace();
  const subject = traced({ dispatch: () => Promise.resolve(answer) }, trace.note);
  expect(await subject.dispatch()).toBe(answer);
  expect(trace.frames.at(-1)).toBe(`← dispatch ${noted}`);
});

test.each([undefined, cyclic, { type: 'usage', inputTokens: 3n }])(
  'an event that is no JSON is taken, for the case to judge',
  async (event) => {
    const named = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
    const publisher = new RecordingPublisher({ ...named, windowBytes: 1024 });
    expect(await publisher.publish(event as never)).toEqual({ outcome: 'taken' });
  },
);
