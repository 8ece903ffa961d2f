import { expect, test, vi } from 'vitest';

import { inMemoryLinks } from '../../../src/adapters/host-link/in-memory/index.js';
import { call } from '../../support/log-session.js';
import { recordingLogger } from '../../support/recording-logger.js';
import { linkCases, one } from './cases.js';

const maxBytes = 10_000;

linkCases('', true, async () => {
  const logger = recordingLogger();
  const linkOf = inMemoryLinks({ maxBytes, logger });
  return {
    lines: logger.lines,
    tooMany: maxBytes + 1,
    links: async (count) => Array.from({ length: count }, () => linkOf()),
  };
});

test('a host that is cut off breaks what is under way, and is absent until it is joined', async () => {
  const linkOf = inMemoryLinks();
  const [asking, asked] = [linkOf(), linkOf()];
  const begun = vi.fn();
  await asked.serve(one, async (request) => {
    begun();
    return request === 'wait' ? new Promise(() => undefined) : request;
  });
  const waiting = asking.ask(one, 'wait', call);
  await vi.waitFor(() => expect(begun).toHaveBeenCalled());
  asked.cut();
  expect(await waiting).toMatchObject({ outcome: 'broken' });
  expect(await asking.ask(one, 1, call)).toEqual({ outcome: 'absent' });
  asked.join();
  expect(await asking.ask(one, 1, call)).toEqual({ outcome: 'answered', answer: 1 });
  asking.cut();
  expect(await asking.ask(one, 1, call)).toMatchObject({ outcome: 'broken' });
});

test('a host that is stopped answers when it goes on', async () => {
  const linkOf = inMemoryLinks();
  const [asking, asked] = [linkOf(), linkOf()];
  const begun = vi.fn(async () => 'done');
  await asked.serve(one, begun);
  asked.pause();
  const waiting = asking.ask(one, 1, call);
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).not.toHaveBeenCalled();
  asked.resume();
  expect(await waiting).toEqual({ outcome: 'answered', answer: 'done' });
});
