import { expect, test, vi } from 'vitest';

import { inMemoryBackend } from '../../../../src/adapters/execution-backend/in-memory/in-memory-backend.js';
import {
  RecordingPublisher,
  ScriptedBackend,
  call,
  handle,
  inputId,
  runEnded,
  spawnRequest,
  text,
  worker1,
} from './support.js';

const input = (of: number) => ({ inputId: inputId(of), parts: [{ type: 'text', text: 'go' } as const] });

test('spawn, input, events, cancel and stop over the linked pair answer as the backend does', async () => {
  const author = new ScriptedBackend();
  await using backend = inMemoryBackend(author);
  const publisher = new RecordingPublisher();
  expect(await backend.spawn(spawnRequest(), publisher, call())).toMatchObject({
    outcome: 'connected',
    capabilities: { cancel: true, stop: true, recover: true, questions: true },
  });
  expect(await backend.dispatch(handle(), input(1), call())).toEqual({ outcome: 'accepted' });
  await author.publisher.publish(text('a', inputId(1)));
  await author.publisher.publish(runEnded(inputId(1)));
  await vi.waitFor(() => expect(publisher.events).toEqual([text('a', inputId(1)), runEnded(inputId(1))]));
  expect(await backend.cancel(handle(), { inputId: inputId(1), deadlineMs: 100 }, call())).toEqual({
    outcome: 'accepted',
  });
  expect(await backend.stop(handle(), { graceMs: 0 }, call())).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(author.calls).toEqual(['spawn 1', 'dispatch 1', 'cancel 01', 'stop 1']);
});

test('E5: events published while the ends are apart come after they are joined, none lost or doubled', async () => {
  const author = new ScriptedBackend();
  await using backend = inMemoryBackend(author);
  const publisher = new RecordingPublisher(worker1, 1, { isRecording: false });
  await backend.spawn(spawnRequest(), publisher, call());
  for (const value of ['1', '2', '3']) await author.publisher.publish(text(value));
  await vi.waitFor(() => expect(publisher.texts).toEqual(['1', '2', '3']));
  publisher.record(2);
  backend.cut();
  for (const value of ['4', '5']) await author.publisher.publish(text(value));
  await backend.join();
  await vi.waitFor(() => expect(publisher.texts).toEqual(['1', '2', '3', '4', '5']));
  publisher.recordAll();
  expect(publisher.exits).toEqual([]);
  expect(author.calls).toEqual(['spawn 1']);
});
