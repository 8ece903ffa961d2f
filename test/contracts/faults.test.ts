import { describe, expect, test } from 'vitest';

import { faultBackend } from '../../src/contracts/faults/fault-backend.js';
import type { FaultBackend } from '../../src/contracts/faults/fault-backend.js';
import type { FaultOptions, ScriptedFault } from '../../src/contracts/faults/fault-options.js';
import { virtualClock } from '../../src/contracts/faults/virtual-clock.js';
import { RecordingPublisher } from '../../src/contracts/recording-publisher.js';
import { Generation, InputId, WorkerId } from '../../src/domain/ids.js';
import type { ExecutionBackend, ExecutionHandle } from '../../src/ports/execution-backend.js';
import { scriptedBackend } from '../support/contracts/generator-harness.js';

const { signal } = new AbortController();
const inputId = InputId('00000000-0000-4000-8000-000000000001');
const textInput = (text: string) => ({ inputId, parts: [{ type: 'text', text } as const] });

interface Player extends AsyncDisposable {
  readonly backend: FaultBackend;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly publisher: RecordingPublisher;
  readonly handle: ExecutionHandle;
  readonly spawned: Promise<unknown>;
  dispatch(text: string, callSignal?: AbortSignal): Promise<unknown>;
  /** What was published, in short. */
  said(): readonly unknown[];
}

/** One Worker of a backend with faults, spawned. Steps: 1 its spawn, 2 its dispatch, from 3 on its events. */
function play(options: Omit<FaultOptions, 'clock'>): Player {
  const clock = virtualClock();
  const backend = faultBackend(scriptedBackend(), { ...options, clock });
  const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
  const publisher = new RecordingPublisher(handle);
  const spawned = backend.spawn({ ...handle, profile: { name: 'test', options: {} } }, publisher, { signal });
  return {
    backend,
    clock,
    publisher,
    handle,
    spawned,
    dispatch: async (text, callSignal = signal) => {
      await spawned;
      return backend.dispatch(handle, textInput(text), { signal: callSignal });
    },
    said: () =>
      publisher.events.map((event) => {
        const { type, text } = event as { readonly type?: string; readonly text?: string };
        return type === 'text-delta' ? text : type;
      }),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

const script = (...faults: readonly ScriptedFault[]) => ({ script: faults });
const sound = ['begun', '0', '1', '2', 'run-ended'];

describe('faultBackend', () => {
  test('W16: without faults changes nothing', async () => {
    await using player = play({ seed: 1 });
    expect(await player.dispatch('stream 3')).toEqual({ outcome: 'accepted' });
    await player.clock.settle();
    expect(player.said()).toEqual(sound);
    expect(player.backend.history).toEqual([]);
  });

  test('kill at a call: nobody can tell what it did, the host is told, and the rest is refused', async () => {
    await using player = play(script({ at: 2, fault: 'kill' }));
    expect(await player.dispatch('stream 3')).toEqual({ outcome: 'unknown' });
    expect(player.publisher.exits).toEqual([{ kind: 'signal', value: 'SIGKILL' }]);
    expect(await player.dispatch('stream 3')).toMatchObject({ outcome: 'rejected' });
    const stopped = await player.backend.stop(player.handle, { graceMs: 0 }, { signal });
    expect(stopped).toMatchObject({ outcome: 'accepted' });
    expect(player.said()).toEqual([]);
  });

  test('kill at an event: it and what follows it is lost, and a spawn of the next generation is sound', async () => {
    await using player = play(script({ at: 4, fault: 'kill' }));
    await player.dispatch('stream 3');
    await player.clock.settle();
    expect(player.said()).toEqual(['begun']);
    expect(player.publisher.exits).toHaveLength(1);
    const next = { workerId: player.handle.workerId, generation: Generation(2) };
    const publisher = new RecordingPublisher(next);
    const request = { ...next, profile: { name: 'test', options: {} } };
    expect(await player.backend.spawn(request, publisher, { signal })).toMatchObject({ outcome: 'connected' });
    await player.backend.dispatch(next, textInput('stream 1'), { signal });
    await publisher.next(({ type }) => type === 'run-ended', signal);
  });

  test('E5: kill settles a call that is under way', async () => {
    await using player = play(script({ at: 4, fault: 'kill' }));
    await player.dispatch('wait');
    await player.clock.settle();
    const { handle, backend } = player;
    const cancelled = backend.cancel(handle, { inputId, deadlineMs: 1_000 }, { signal });
    expect(await cancelled).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
  });

  test('delay at an event: it and what follows it comes later, in order', async () => {
    await using player = play(script({ at: 4, fault: 'delay', ms: 300 }));
    await player.dispatch('stream 3');
    await player.clock.advance(299);
    expect(player.said()).toEqual(['begun']);
    await player.clock.advance(1);
    expect(player.said()).toEqual(sound);
  });

  test('E4: delay at a call: the events that were published before its answer come before it', async () => {
    await using player = play(script({ at: 2, fault: 'delay', ms: 300 }));
    let answer: unknown;
    void player.dispatch('stream 3').then((value) => (answer = value));
    await player.clock.advance(299);
    expect(answer).toBeUndefined();
    await player.clock.advance(1);
    expect(answer).toEqual({ outcome: 'accepted' });
    expect(player.said()).toEqual(sound);
  });

  test.each<readonly [ScriptedFault, readonly unknown[]]>([
    [{ at: 4, fault: 'drop' }, ['begun', '1', '2', 'run-ended']],
    [{ at: 4, fault: 'duplicate' }, ['begun', '0', '0', '1', '2', 'run-ended']],
    [{ at: 4, fault: 'reorder' }, ['begun', '1', '0', '2', 'run-ended']],
    [{ at: 4, fault: 'flood', events: 2 }, ['begun', '0', 'notice', 'notice', '1', '2', 'run-ended']],
    [{ at: 4, fault: 'garbage', variant: 4 }, ['begun', 'no-such-event', '1', '2', 'run-ended']],
  ])('%j is seen', async (fault, said) => {
    await using player = play(script(fault));
    await player.dispatch('stream 3');
    await player.clock.settle();
    expect(player.said()).toEqual(said);
    expect(player.backend.history).toEqual([{ worker: 1, during: 'event text-delta', ...fault }]);
  });

  test('reorder of what nothing follows lets it go after a second', async () => {
    await using player = play(script({ at: 7, fault: 'reorder' }));
    await player.dispatch('stream 3');
    await player.clock.advance(999);
    expect(player.said()).toEqual(sound.slice(0, -1));
    await player.clock.advance(1);
    expect(player.said()).toEqual(sound);
  });

  test('garbage at a call: its answer is of no shape, or it throws', async () => {
    await using odd = play(script({ at: 2, fault: 'garbage', variant: 4 }));
    expect(await odd.dispatch('stream 1')).toEqual({ outcome: 'maybe' });
    await using throwing = play(script({ at: 2, fault: 'garbage', variant: 9 }));
    await expect(throwing.dispatch('stream 1')).rejects.toThrow('thrown on purpose');
  });

  test('half-open: nothing comes and no call is answered until it is aborted', async () => {
    await using player = play(script({ at: 4, fault: 'half-open' }));
    await player.dispatch('stream 3');
    const { handle, backend, clock, publisher } = player;
    const controller = new AbortController();
    let answer: unknown;
    const call = { signal: controller.signal };
    void backend.stop(handle, { graceMs: 0 }, call).then((value) => (answer = value));
    await clock.advance(3_600_000);
    expect([player.said(), publisher.exits, answer]).toEqual([['begun'], [], undefined]);
    controller.abort();
    await clock.settle();
    expect(answer).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
  });

  test('half-open: once it is mended, what waits goes on in order', async () => {
    await using player = play(script({ at: 2, fault: 'half-open' }));
    const answer = player.dispatch('stream 3');
    await player.clock.settle();
    player.backend.mend();
    expect(await answer).toEqual({ outcome: 'accepted' });
    await player.clock.settle();
    expect(player.said()).toEqual(sound);
  });

  test('half-open: disposal answers whoever waits', async () => {
    const player = play(script({ at: 2, fault: 'half-open' }));
    const answer = player.dispatch('stream 3');
    await player.clock.settle();
    await player.backend[Symbol.asyncDispose]();
    expect(await answer).toEqual({ outcome: 'unknown' });
  });

  test('half-open: what does not wait for room is held up to a bound, then the connection is lost', async () => {
    const eager: ExecutionBackend = {
      ...scriptedBackend(),
      async spawn(_, publisher) {
        for (let count = 1; count <= 5_000; count += 1)
          void publisher.publish({ type: 'notice', level: 'info', text: `${count}` });
        return { outcome: 'busy' };
      },
    };
    const backend = faultBackend(eager, script({ at: 2, fault: 'half-open' }));
    const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
    const publisher = new RecordingPublisher(handle);
    const answer = await backend.spawn({ ...handle, profile: { name: 'test', options: {} } }, publisher, { signal });
    expect(answer).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
    expect([publisher.events, publisher.exits]).toEqual([[], [{ kind: 'connection-lost' }]]);
  });

  test('P2: what is recorded is told in the count of the backend, where events were lost, doubled and swapped', async () => {
    const told: unknown[] = [];
    const backend = faultBackend(
      {
        ...scriptedBackend(),
        async spawn(_, publisher) {
          publisher.onRecorded((upTo) => told.push(upTo));
          for (let count = 1; count <= 7; count += 1)
            await publisher.publish({ type: 'notice', level: 'info', text: `${count}` });
          return { outcome: 'busy' };
        },
      },
      script({ at: 3, fault: 'drop' }, { at: 5, fault: 'duplicate' }, { at: 6, fault: 'reorder' }),
    );
    const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
    const publisher = new RecordingPublisher(handle);
    await backend.spawn({ ...handle, profile: { name: 'test', options: {} } }, publisher, { signal });
    await virtualClock().settle();
    expect(publisher.events.map((event) => 'text' in event && event.text)).toEqual(['1', '3', '4', '4', '6', '5', '7']);
    expect(told.at(-1)).toEqual({ sequence: 7 });
    expect(told).toEqual([...told].sort((a, b) => sequenceOf(a) - sequenceOf(b)));
  });

  test('Workers past maxWorkers and steps past maxFaults have no faults', async () => {
    const clock = virtualClock();
    const always = { seed: 1, faults: { drop: { probability: 1 } }, maxWorkers: 1, maxFaults: 2, clock };
    const backend = faultBackend(scriptedBackend(), always);
    const said = await Promise.all(
      [1, 2].map(async () => {
        const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
        const publisher = new RecordingPublisher(handle);
        await backend.spawn({ ...handle, profile: { name: 'test', options: {} } }, publisher, { signal });
        await backend.dispatch(handle, textInput('stream 3'), { signal });
        await publisher.next(({ type }) => type === 'run-ended', signal);
        return publisher.events.length;
      }),
    );
    expect(said).toEqual([3, 5]);
    await backend[Symbol.asyncDispose]();
  });

  test.each<readonly [FaultOptions, RegExp]>([
    [{ seed: -1 }, /seed is an integer/],
    [{ seed: 1, faults: { kill: { probability: 1.5 } } }, /probability of kill is a probability/],
    [{ seed: 1, faults: { fire: { probability: 1 } } as never }, /there is no fault fire; there are kill, /],
    [{ script: [{ at: 0, fault: 'kill' }] }, /whole numbers from 1/],
    [{ script: [{ at: 1, fault: 'fire' as never }] }, /there is no fault fire/],
    [{ script: [{ at: 1, fault: 'garbage', variant: -1 }] }, /variant of garbage is counted from 0/],
    [{ seed: 1, maxFaults: 0 }, /maxFaults are whole numbers from 1/],
  ])('refuses options of the wrong form: %j', (options, reason) => {
    expect(() => faultBackend(scriptedBackend(), options)).toThrow(reason);
  });
});

const sequenceOf = (upTo: unknown): number => (upTo as { readonly sequence: number }).sequence;

describe('a seed', () => {
  const faults = {
    drop: { probability: 0.2 },
    duplicate: { probability: 0.2 },
    reorder: { probability: 0.1 },
    delay: { probability: 0.3 },
  };
  async function story(options: Omit<FaultOptions, 'clock'>) {
    await using player = play(options);
    const answer = player.dispatch('stream 40');
    await player.clock.advance(3_600_000);
    return { answer: await answer, said: player.said(), history: player.backend.history, now: player.clock.now() };
  }

  test('replays: the same seed gives the same faults and the same events, another seed others', async () => {
    const first = await story({ seed: 7, faults });
    expect(first.history.length).toBeGreaterThan(10);
    expect(await story({ seed: 7, faults })).toEqual(first);
    expect((await story({ seed: 8, faults })).history).not.toEqual(first.history);
  });

  test('what it told is a script that does the same', async () => {
    const first = await story({ seed: 7, faults });
    expect(await story({ script: first.history })).toEqual(first);
  });

  test('a kind more changes nothing for the others', async () => {
    const first = await story({ seed: 7, faults: { drop: { probability: 0.2 } } });
    const more = await story({ seed: 7, faults: { drop: { probability: 0.2 }, delay: { probability: 0.5 } } });
    const drops = ({ history }: typeof first) => history.filter(({ fault }) => fault === 'drop').map(({ at }) => at);
    expect(drops(more)).toEqual(drops(first));
  });

  test('gives a Worker the same faults whatever another one does meanwhile', async () => {
    const told = async (isTogether: boolean) => {
      const clock = virtualClock();
      const backend = faultBackend(scriptedBackend(), { seed: 7, faults, clock });
      const handles = [1, 2].map(() => ({ workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) }));
      for (const handle of handles) {
        const request = { ...handle, profile: { name: 'test', options: {} } };
        const spawned = backend.spawn(request, new RecordingPublisher(handle), { signal });
        await clock.advance(10_000);
        await spawned;
      }
      for (const handle of handles) {
        void backend.dispatch(handle, textInput('stream 20'), { signal });
        await clock.advance(isTogether ? 0 : 3_600_000);
      }
      await clock.advance(3_600_000);
      await backend[Symbol.asyncDispose]();
      return [1, 2].map((worker) => backend.history.filter((fault) => fault.worker === worker));
    };
    expect(await told(true)).toEqual(await told(false));
  });
});
