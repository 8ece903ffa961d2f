import { describe, expect, it } from 'vitest';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import { settle } from '../../../src/domain/worker/settle.js';
import type { Step } from '../../support/decider-spec.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  able,
  adopted,
  busy,
  closed,
  correlation,
  create,
  disconnected,
  exited,
  faulted,
  faulty,
  g1,
  g2,
  g3,
  hostClosing,
  idle,
  idleUnable,
  input,
  inputB,
  logRestored,
  lost,
  placeholder,
  published,
  reconnect,
  reconnecting,
  recover,
  recoverAnswered,
  recoveringOpen,
  reserved,
  respawning,
  runEnded,
  said,
  spawnAnswered,
  spawned,
  stoppingBusy,
  stopped,
  text,
  unable,
} from '../../support/worker-steps.js';

const lostUnable = [...idleUnable, disconnected('connection-lost')] as const;
const repliesTo = (steps: readonly Step[], command: WorkerCommand) => {
  const { decision, state } = given(...steps).when(command);
  return decision.facts.flatMap((fact) => settle({ for: 'reconnect' }, fact, state) ?? []);
};
const position = (sequence: number, generation = g1): Step => ({ type: 'position', generation, sequence });

describe('reconnect', () => {
  it('it recovers the execution where there is one and its backend can, under a new generation', () => {
    given(...idle, position(7), disconnected('connection-lost'))
      .when(reconnect())
      .then({ type: 'execution-connecting', generation: 2, cause: 'reconnect' })
      .thenFacts('generation-reserved')
      .thenCalls({ type: 'recover', generation: g2, position: { generation: g1, sequence: 7 } })
      .thenPending({ for: 'reconnect' })
      .thenStatus({ status: 'connecting', generation: 2, cause: 'reconnect', reason: 'connection-lost' });
    given(...lost)
      .when(reconnect())
      .thenCalls({ type: 'recover', generation: g2, position: { generation: g1, sequence: 0 } });
  });

  it.each([
    ['exited', exited],
    ['was closed', closed],
    ['cannot be recovered', lostUnable],
  ] as const)('it spawns a fresh execution where the last one %s', (_, steps) => {
    given(...steps)
      .when(reconnect())
      .then({ type: 'execution-connecting', generation: 2, cause: 'reconnect' })
      .thenCalls({ type: 'spawn', generation: g2 });
  });

  it('the history stays, the generation grows', () => {
    const { state, before } = given(...respawning)
      .when(spawned(able, g2))
      .then({ type: 'execution-connected', generation: 2 })
      .thenStatus({ status: 'idle', generation: 2 });
    expect(state.sequence).toBe(before.sequence + 1);
    expect(state.execution?.generation).toBe(2);
    expect(repliesTo(respawning, spawned(able, g2))).toEqual([{ outcome: 'accepted' }]);
  });

  it('an adopted execution is connected', () => {
    given(...reconnecting)
      .when(adopted())
      .then({ type: 'execution-connected', generation: 2 })
      .thenCalls()
      .thenStatus({ status: 'idle', generation: 2, input: undefined });
    expect(repliesTo(reconnecting, adopted())).toEqual([{ outcome: 'accepted' }]);
  });

  it.each([[{ outcome: 'lost' }], [{ outcome: 'unsupported', operation: 'reconnect' }]] as const)(
    'what cannot be recovered is spawned under a generation of its own',
    (answer) => {
      const { decision, state } = given(...reconnecting)
        .when(recoverAnswered(answer))
        .then({ type: 'execution-connecting', generation: 3, cause: 'reconnect' })
        .thenFacts('execution-gone', 'generation-reserved')
        .thenCalls({ type: 'spawn', generation: g3 })
        .thenStatus({ status: 'connecting', generation: 3, reason: 'connection-lost' });
      expect(state.execution).toBeUndefined();
      expect(decision.facts.flatMap((fact) => settle({ for: 'reconnect' }, fact, state) ?? [])).toEqual([]);
      given(...reconnecting, recoverAnswered(answer))
        .when(published(text(), g2))
        .thenRefused('stale-generation');
    },
  );

  it.each([
    ['rejected', { outcome: 'rejected', code: 'backend-rejected' }, { outcome: 'rejected', code: 'backend-rejected' }],
    ['busy', { outcome: 'busy' }, { outcome: 'rejected', code: 'backend-unavailable' }],
    ['faulty', faulty(), { outcome: 'errored', code: 'backend-fault', executed: 'no', correlationId: correlation }],
    [
      'late',
      faulty('backend-timeout'),
      { outcome: 'errored', code: 'backend-timeout', executed: 'no', correlationId: correlation },
    ],
  ] as const)('a reconnect answered %s returns to the old reason', (_, answer, refusal) => {
    given(...reconnecting)
      .when(recoverAnswered(answer))
      .then({ type: 'execution-disconnected', generation: 2, reason: 'connection-lost' })
      .thenStatus({ status: 'unconnected', reason: 'connection-lost' })
      .thenOwed();
    expect(repliesTo(reconnecting, recoverAnswered(answer))[0]).toEqual(refusal);
    const correlationId = 'correlationId' in refusal ? refusal.correlationId : undefined;
    given(...reconnecting)
      .when(recoverAnswered(answer))
      .then({ type: 'execution-disconnected', correlationId });
    given(...exited, reconnect())
      .when(spawnAnswered(answer, g2))
      .then({ type: 'execution-disconnected', generation: 2, reason: 'exited' })
      .thenStatus({ status: 'unconnected', reason: 'exited' })
      .thenOwed(2);
    expect(repliesTo([...exited, reconnect()], spawnAnswered(answer, g2))[0]).toEqual(refusal);
  });

  it('what a failed recovery left is recovered by the next reconnect', () => {
    given(...reconnecting, recoverAnswered({ outcome: 'busy' }))
      .when(reconnect())
      .thenCalls({ type: 'recover', generation: g3, position: { generation: g1, sequence: 0 } });
  });

  it('what was lost is spawned by the next reconnect', () => {
    given(...reconnecting, recoverAnswered({ outcome: 'lost' }), spawnAnswered({ outcome: 'busy' }, g3))
      .when(reconnect())
      .thenCalls('spawn')
      .thenOwed(3);
  });

  it('R5: an execution that is lost while it connects is stopped by name where it cannot be recovered', () => {
    const refused = { outcome: 'rejected', code: 'backend-unavailable' };
    given(...respawning)
      .when(disconnected('connection-lost', g2))
      .then({ type: 'execution-disconnected', generation: 2, reason: 'closed' })
      .thenOwed(1, 2);
    given(...reconnecting)
      .when(disconnected('connection-lost', g2))
      .then({ type: 'execution-disconnected', generation: 2, reason: 'connection-lost' })
      .thenOwed();
    expect(repliesTo(reconnecting, disconnected('exited', g2))[0]).toEqual(refused);
    given(...reconnecting, disconnected('exited', g2))
      .when(reconnect())
      .thenCalls('spawn');
    given(...lostUnable)
      .when(input(inputB))
      .thenOwed(1);
    given(...lost)
      .when(input(inputB))
      .thenOwed();
  });

  it('a second reconnect joins the first', () => {
    for (const steps of [reconnecting, respawning, recoveringOpen]) {
      given(...steps)
        .when(reconnect())
        .thenPending({ for: 'reconnect' })
        .thenNothing();
    }
    expect(repliesTo(recoveringOpen, adopted())).toEqual([{ outcome: 'accepted' }]);
    expect(repliesTo(recoveringOpen, recoverAnswered({ outcome: 'lost' }))).toEqual([
      { outcome: 'rejected', code: 'backend-unavailable' },
    ]);
  });

  it('reconnect of a connected Worker is accepted without effect', () => {
    for (const steps of [idle, busy])
      given(...steps)
        .when(reconnect())
        .thenAccepted();
  });

  it('reconnect of a Worker that stops answers worker-stopping, of a stopped one worker-stopped', () => {
    given(...stoppingBusy)
      .when(reconnect())
      .thenRejected('worker-stopping');
    given(...stopped)
      .when(reconnect())
      .thenRejected('worker-stopped');
  });

  it('reconnect while draining answers runtime-draining', () => {
    for (const steps of [lost, reconnecting, idle, stopped]) {
      given(...steps)
        .when(reconnect(), { draining: true })
        .thenRejected('runtime-draining');
    }
  });

  it('reconnect of a Worker that nobody can see answers worker-unknown', () => {
    given().when(reconnect()).thenRejected('worker-unknown');
    given(...reserved)
      .when(reconnect(), { draining: true })
      .thenRejected('worker-unknown');
    given(...reserved, hostClosing)
      .when(reconnect())
      .thenRejected('worker-unknown');
  });

  it('W16: a fault, a failed append or the end of its host answers who waits', () => {
    expect(repliesTo(respawning, faulted(g2))[0]).toMatchObject({ outcome: 'errored', code: 'backend-fault' });
    expect(repliesTo(respawning, logRestored)[0]).toMatchObject({ code: 'log-unavailable', executed: 'no' });
    expect(repliesTo(respawning, hostClosing)[0]).toEqual({ outcome: 'rejected', code: 'runtime-draining' });
    expect(repliesTo(reconnecting, hostClosing)).toEqual([{ outcome: 'rejected', code: 'runtime-draining' }]);
    given(...respawning)
      .when(faulted(g2))
      .then({ type: 'execution-disconnected', generation: 2, reason: 'closed' })
      .thenStatus({ status: 'unconnected', reason: 'closed' })
      .thenOwed(1, 2);
  });

  it('R6: a Worker without a backend takes its profile’s at the first reconnect that finds one', () => {
    given(...placeholder)
      .when(reconnect(null))
      .thenRejected('backend-unavailable');
    const { state } = given(...placeholder)
      .when(reconnect({ backend: 'two' }))
      .then({ type: 'execution-connecting', generation: 1, cause: 'reconnect' })
      .thenFacts('bound', 'generation-reserved')
      .thenCalls({ type: 'spawn', generation: g1 })
      .thenStatus({ status: 'connecting', reason: 'no-backend' });
    expect(state.binding).toEqual({ backend: 'two' });
  });

  it('R6: a Worker keeps the backend it was created with', () => {
    const { state } = given(...closed).when(reconnect({ backend: 'two' }));
    expect(state.binding).toEqual({ backend: 'one' });
  });

  it('W15: an answer of an earlier attempt is ignored', () => {
    given(...respawning)
      .when(spawned(able, g1))
      .thenIgnored();
    given(...reconnecting)
      .when(adopted(true, g1))
      .thenIgnored();
    given(...reconnecting, adopted())
      .when(adopted())
      .thenIgnored();
    given(...respawning, spawned(able, g2))
      .when(spawned(unable, g2))
      .thenIgnored();
    given(...busy, said(runEnded()))
      .when(recoverAnswered({ outcome: 'lost' }, g1))
      .thenIgnored();
  });

  it('a position follows its generation and never returns to an earlier one', () => {
    const again = [...idle, position(7), disconnected('connection-lost'), reconnect(), adopted()] as const;
    const at = (...steps: readonly Step[]) => stateAfter(...again, ...steps).position;
    expect(at()).toEqual({ generation: 1, sequence: 7 });
    expect(at(position(3, g2))).toEqual({ generation: 2, sequence: 3 });
    expect(at(position(3, g2), position(9, g2))).toEqual({ generation: 2, sequence: 9 });
    expect(at(position(3, g2), position(9, g1))).toEqual({ generation: 2, sequence: 3 });
    given(...again)
      .when(recover())
      .thenCalls({ type: 'recover', generation: g3, position: { generation: g2, sequence: 0 } });
    given(create({ binding: null }), reconnect({ a: 1 }))
      .when(spawned(able, g1))
      .then('execution-connected');
  });
});
