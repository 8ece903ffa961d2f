import { expect, onTestFinished, test } from 'vitest';

import { abortable, linkedSignal } from '../../src/ports/abort.js';

test('what nobody waits for any more, as its signal had aborted already, may reject without being unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  let fail = (_: Error): void => undefined;
  const operation = new Promise<void>((_, reject) => (fail = reject));
  const waiting = abortable(operation, AbortSignal.abort(new Error('enough')));
  await expect(waiting).rejects.toThrow('enough');
  fail(new Error('late'));
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(unhandled).toEqual([]);
});

test('a linked signal aborts with the reason of the first, or by hand, and not after it has let go', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const [linked, released, own] = [1, 2, 3].map(() => linkedSignal([first.signal, undefined, second.signal]));
  released?.release();
  own?.abort('own');
  second.abort('second');
  first.abort('first');
  expect([linked, released, own].map((one) => one?.signal.reason as unknown)).toEqual(['second', undefined, 'own']);
});
