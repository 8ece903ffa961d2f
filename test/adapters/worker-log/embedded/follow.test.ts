import { expect, test } from 'vitest';

import { follow } from '../../../../src/adapters/worker-log/embedded/follow.js';
import { Followers } from '../../../../src/adapters/worker-log/embedded/followers.js';
import { Sequence } from '../../../../src/domain/ids.js';
import type { LogPage } from '../../../../src/ports/worker-log.js';
import { workerIdOf } from '../../../support/heads.js';
import { encodedNotices } from '../../../support/observations.js';

const worker = workerIdOf(1);

/** Somebody who follows a log, which grows by one observation a time. */
function followed() {
  const followers = new Followers();
  let watching = 0;
  let last = 0;
  const controller = new AbortController();
  const page = async (after: Sequence): Promise<LogPage> => {
    return { first: Sequence(1), last: Sequence(last), observations: encodedNotices(after + 1, last) };
  };
  const pages = follow({
    after: Sequence(0),
    signal: controller.signal,
    page,
    watch: (follower) => {
      watching += 1;
      const unwatch = followers.add(worker, follower);
      return () => {
        watching -= 1;
        unwatch();
      };
    },
  });
  const grow = (): void => {
    last += 1;
    followers.wake(worker);
  };
  return { pages, controller, grow, watching: () => watching };
}

test('P3: an abort lets a follower go that asks for nothing more, and what it asks later rejects', async () => {
  const { pages, controller, grow, watching } = followed();
  grow();
  await pages.next();
  expect(watching()).toBe(1);
  controller.abort(new Error('gone'));
  expect(watching()).toBe(0);
  await expect(pages.next()).rejects.toThrow('gone');
  expect(await pages.next()).toEqual({ done: true, value: undefined });
});

test('P3: two questions at once are answered one after the other', async () => {
  const { pages, grow } = followed();
  const both = [pages.next(), pages.next()] as const;
  await Promise.resolve();
  grow();
  expect((await both[0]).value?.observations).toEqual(encodedNotices(1, 1));
  grow();
  expect((await both[1]).value?.observations).toEqual(encodedNotices(2, 2));
});
