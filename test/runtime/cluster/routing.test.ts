import { expect, test } from 'vitest';

import type { Principal } from '../../../src/ports/authenticator.js';
import { framesOf, inputId, runtimeId, textPart } from '../../support/runtime.js';
import { accepted, asking, delta, runEnded } from '../../support/scripted-backend.js';
import { scriptedCluster } from '../../support/scripted-cluster.js';

test('a command for a Worker of another host is done there, and answered here', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const worker = await there.idle();
  const id = inputId();
  const input = here.input(worker, id);
  (await there.backend.next('dispatch')).answer(accepted);
  expect(await input).toMatchObject({ outcome: 'accepted', inputId: id });
  expect(await here.input(worker)).toEqual({ outcome: 'busy', inputId: id });
  await there.backend.publisher().publish(asking(id));
  const answer = here.runtime.execute({ type: 'answer', worker, questionId: 'q' as never, answer: { text: 'a' } });
  (await there.backend.next('answer')).answer(accepted);
  expect(await answer).toEqual({ outcome: 'accepted' });
  const cancel = here.runtime.execute({ type: 'cancel', worker, inputId: id });
  const asked = await there.backend.next('cancel');
  await there.backend.publisher().publish(runEnded(id, 'cancelled'));
  asked.answer({ outcome: 'accepted' });
  expect(await cancel).toEqual({ outcome: 'accepted', end: 'quiesced' });
  expect(await here.runtime.execute({ type: 'stop', worker })).toMatchObject({ outcome: 'accepted', end: 'stopped' });
  expect(await here.runtime.execute({ type: 'reconnect', worker })).toEqual({
    outcome: 'rejected',
    code: 'worker-stopped',
  });
  expect(await here.runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
  expect(await here.runtime.read({ type: 'worker', worker })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  expect(await there.runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
  expect(here.backend.calls).toEqual([]);
});

test('an input without an id gets one before another host is asked', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const worker = await there.idle();
  const input = here.runtime.execute({ type: 'input', worker, parts: textPart('go') });
  const call = await there.backend.next('dispatch');
  call.answer(accepted);
  expect(await input).toMatchObject({ outcome: 'accepted', inputId: call.request.inputId });
});

test('B4: what a principal may not know of does not exist for it at any host', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const scopes = ['read', 'input', 'control'] as const;
  const [one, two] = ['one', 'two'].map((id): Principal => ({ id, scopes: [...scopes], own: true }));
  const created = await there.runtime.execute({ type: 'create', runtimeId, profile: 'test' }, { principal: one });
  if (created.outcome !== 'accepted') throw new Error(created.outcome);
  const worker = { runtimeId, workerId: created.worker.workerId };
  const unknown = { outcome: 'rejected', code: 'worker-unknown' };
  const command = { type: 'input', worker, parts: textPart('go') } as const;
  expect(await here.runtime.execute(command, { principal: two })).toEqual(unknown);
  expect(await here.runtime.read({ type: 'worker', worker }, { principal: two })).toEqual(unknown);
  expect(await here.runtime.read({ type: 'workers', runtimeId }, { principal: two })).toMatchObject({ workers: [] });
  expect(await here.runtime.read({ type: 'worker', worker }, { principal: one })).toMatchObject({
    outcome: 'answered',
    worker: { workerId: worker.workerId },
  });
  expect(await here.runtime.read({ type: 'workers', runtimeId }, { principal: one })).toMatchObject({
    workers: [{ workerId: worker.workerId }],
  });
  expect(there.backend.callsOf('dispatch')).toEqual([]);
});

test('a list is of the Workers of all hosts, ascending and page by page', async () => {
  await using cluster = scriptedCluster();
  const hosts = [await cluster.host(), await cluster.host(), await cluster.host()];
  const made: string[] = [];
  for (let count = 0; count < 9; count += 1) {
    made.push((await (hosts[count % 3] ?? hosts[0])?.idle())?.workerId ?? '');
    await cluster.clock.advance(1);
  }
  for (const { runtime } of hosts) {
    const first = await runtime.read({ type: 'workers', runtimeId, limit: 5 });
    if (first.outcome !== 'answered') throw new Error(first.outcome);
    const after = first.workers.at(-1)?.workerId;
    const second = await runtime.read({ type: 'workers', runtimeId, limit: 5, ...(after && { after }) });
    if (second.outcome !== 'answered') throw new Error(second.outcome);
    expect([...first.workers, ...second.workers].map(({ workerId }) => workerId)).toEqual(made.toSorted());
    // Each host was understood: what it does not tell itself would be read from the log.
    expect(hosts.flatMap(({ logger }) => logger.lines.filter(({ level }) => level === 'error'))).toEqual([]);
  }
});

test('a list tells the Workers of a host that does not answer from their log', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const [mine, theirs] = [await here.idle(), await there.idle()];
  there.pause();
  const listed = here.runtime.read({ type: 'workers', runtimeId });
  await cluster.clock.advance(2_000);
  const list = await listed;
  expect(list.outcome === 'answered' && list.workers.map(({ workerId }) => workerId)).toEqual(
    [mine.workerId, theirs.workerId].toSorted(),
  );
});

test('whoever looks at any host sees what the Worker does at its own', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const { worker, id } = await there.busy();
  const frames = framesOf(here.runtime, worker, 'start');
  await there.backend.publisher().publish(delta('hello', id));
  await there.backend.publisher().publish(runEnded(id));
  const seen: string[] = [];
  while (!seen.includes('input-ended')) {
    const { value, done } = await frames.next();
    if (!done && value.type === 'events') seen.push(...value.observations.map(({ event }) => event.type));
  }
  expect(seen).toEqual(['worker-created', 'execution-connected', 'input-accepted', 'text-delta', 'input-ended']);
  await frames.return?.();
});

test('a Worker that nobody was told of is unknown, at once', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const worker = await there.idle();
  const other = { ...worker, workerId: worker.workerId.replace(/.$/, (last) => (last === '0' ? '1' : '0')) as never };
  const unknown = { outcome: 'rejected', code: 'worker-unknown' };
  expect(await here.input(other)).toEqual(unknown);
  expect(await here.runtime.execute({ type: 'delete', worker: other })).toEqual({ outcome: 'accepted' });
  expect(await here.runtime.read({ type: 'worker', worker: other })).toEqual(unknown);
});
