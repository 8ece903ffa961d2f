import { describe, expect, test } from 'vitest';

import { inMemoryCreationRecord } from '../../src/runtime/in-memory-creation-record.js';
import { mountRuntime, registry, scoped } from '../../src/index.js';
import type { BrowserGateway, Command, Principal, Query, Scope, WorkerRef } from '../../src/index.js';
import { QuestionId } from '../../src/domain/ids.js';
import { inputId, ref, runtimeId, textPart } from '../support/runtime.js';
import { scriptedBackend } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted } from '../support/scripted-runtime.js';
import { scriptedGateway } from '../support/scripted-gateway.js';

const all: readonly Scope[] = ['read', 'input', 'control'];
const principal = (id: string, fields: Partial<Principal> = {}): Principal => ({ id, scopes: all, ...fields });
const unknown = { outcome: 'rejected', code: 'worker-unknown' };
const forbidden = { outcome: 'rejected', code: 'forbidden' };

const commandsTo = (worker: WorkerRef): readonly Command[] => [
  { type: 'create', runtimeId, profile: 'test' },
  { type: 'input', worker, parts: textPart('go') },
  { type: 'answer', worker, questionId: QuestionId('q'), answer: { text: 'a' } },
  { type: 'cancel', worker, inputId: inputId() },
  { type: 'reconnect', worker },
  { type: 'stop', worker },
  { type: 'delete', worker },
];
const needs: Readonly<Record<Command['type'], Scope>> = {
  create: 'control',
  input: 'input',
  answer: 'input',
  cancel: 'input',
  reconnect: 'control',
  stop: 'control',
  delete: 'control',
};
const queriesOf = (worker: WorkerRef): readonly Query[] => [
  { type: 'runtimes' },
  { type: 'profiles', runtimeId },
  { type: 'workers', runtimeId },
  { type: 'worker', worker },
  { type: 'transcript', worker },
  { type: 'observations', worker },
];
const anybody = ref('00000000-0000-7000-8000-000000000001' as never);

async function firstFrame(gateway: BrowserGateway, worker: WorkerRef) {
  for await (const frame of gateway.observe(worker)) return frame;
  return undefined;
}

test.each([[], ['read'], ['input'], ['control'], ['read', 'input'], all] as Scope[][])(
  'B4: a principal with the scopes %s %s %s may do what they name and nothing else',
  async (...scopes) => {
    const granted = scopes.filter((scope) => typeof scope === 'string');
    const inner = scriptedGateway();
    const gateway = scoped(inner, principal('ann', { scopes: granted }));
    for (const command of commandsTo(anybody)) {
      const asked = inner.commands.length;
      const outcome = await gateway.execute(command);
      if (granted.includes(needs[command.type])) expect(outcome).toMatchObject({ outcome: 'accepted' });
      else expect(outcome).toEqual(forbidden);
      expect(inner.commands.length - asked).toBe(granted.includes(needs[command.type]) ? 1 : 0);
    }
    for (const query of queriesOf(anybody)) {
      const answer = await gateway.read(query);
      if (granted.includes('read')) expect(answer).toMatchObject({ outcome: 'answered' });
      else expect(answer).toEqual(forbidden);
    }
    const frame = await firstFrame(gateway, anybody);
    expect(frame).toMatchObject({ type: 'problem', problem: granted.includes('read') ? unknown : forbidden });
    expect(inner.observed).toHaveLength(granted.includes('read') ? 1 : 0);
  },
);

/** Whoever scopes it: the Runtime itself, or one that was mounted from elsewhere and knows one principal alone. */
type Front = (runtime: BrowserGateway) => BrowserGateway;
function mountedFront(): Front {
  const record = inMemoryCreationRecord();
  return (runtime) => {
    const there = scoped(runtime, principal('the other host'));
    return mountRuntime(there, { runtimeId, record });
  };
}
const fronts: readonly (readonly [string, () => Front])[] = [
  ['a local Runtime', () => (runtime) => runtime],
  ['a mounted Runtime', mountedFront],
];

describe.each(fronts)('%s', (_name, newFront) => {
  const front = newFront();

  test('B4: the principal of a scoped gateway is its own, whatever the caller says', async () => {
    await using host = scripted();
    const ann = scoped(front(host.runtime), principal('ann', { own: true }));
    const mallory = { principal: principal('bob') };
    const made = await ann.execute({ type: 'create', runtimeId, profile: 'test' }, mallory);
    if (made.outcome !== 'accepted') throw new Error('not made');
    const worker = ref(made.worker.workerId);
    expect(await ann.read({ type: 'worker', worker }, mallory)).toMatchObject({ outcome: 'answered' });
    const bob = scoped(front(host.runtime), principal('bob', { own: true }));
    expect(await bob.read({ type: 'worker', worker })).toEqual(unknown);
  });

  /** Two Workers of two profiles, of two principals. */
  async function twoWorkers(front: Front) {
    const other = scriptedBackend('other');
    const host: Scripted = scripted({ profiles: { other: { label: 'Other', backend: other } } });
    const make = async (id: string, profile: string): Promise<WorkerRef> => {
      const gateway = scoped(front(host.runtime), principal(id));
      const made = await gateway.execute({ type: 'create', runtimeId, profile, idempotencyKey: 'k' });
      if (made.outcome !== 'accepted') throw new Error('not made');
      return ref(made.worker.workerId);
    };
    return { host, mine: await make('ann', 'test'), theirs: await make('bob', 'other') };
  }

  test.each([
    ['own', { own: true }],
    ['profiles', { profiles: ['test'] }],
  ])('B4: what the filter %s hides is not found: in commands, reads, lists and streams', async (_, filter) => {
    const { host, mine, theirs } = await twoWorkers(front);
    await using _host = host;
    const ann = scoped(front(host.runtime), principal('ann', filter));
    for (const command of commandsTo(theirs)) {
      if (command.type === 'create') continue;
      expect(await ann.execute(command)).toEqual(command.type === 'delete' ? { outcome: 'accepted' } : unknown);
    }
    for (const query of queriesOf(theirs).filter((asked) => 'worker' in asked)) {
      expect(await ann.read(query)).toEqual(unknown);
    }
    expect(await firstFrame(ann, theirs)).toEqual({ type: 'problem', problem: unknown });
    expect((await host.view(theirs)).status).toBe('idle');
    const list = await ann.read({ type: 'workers', runtimeId, limit: 1 });
    expect(list).toMatchObject({ outcome: 'answered', workers: [{ workerId: mine.workerId }] });
    expect(list).not.toHaveProperty('next');
    expect(await firstFrame(ann, mine)).toMatchObject({ type: 'snapshot' });
  });

  test('B4: a profile that the filter hides is unknown, in lists and in create', async () => {
    const { host } = await twoWorkers(front);
    await using _host = host;
    const ann = scoped(front(host.runtime), principal('ann', { profiles: ['test'] }));
    expect(await ann.read({ type: 'profiles', runtimeId })).toEqual({
      outcome: 'answered',
      profiles: [{ name: 'test', label: 'Test' }],
    });
    expect(await ann.execute({ type: 'create', runtimeId, profile: 'other' })).toEqual({
      outcome: 'rejected',
      code: 'profile-unknown',
    });
  });

  test('B4: a conflict speaks of the caller’s own keys alone', async () => {
    const { host } = await twoWorkers(front);
    await using _host = host;
    const create = { type: 'create', runtimeId, profile: 'test', idempotencyKey: 'k', displayName: 'Mine' } as const;
    const carol = scoped(front(host.runtime), principal('carol'));
    expect(await carol.execute(create)).toMatchObject({ outcome: 'accepted', created: true });
    expect(await scoped(front(host.runtime), principal('ann')).execute(create)).toMatchObject({
      code: 'worker-conflict',
    });
  });

  test('B4: a page of what one may see is full, however much is hidden in between', async () => {
    await using host = scripted();
    const [ann, bob] = ['ann', 'bob'].map((id) => scoped(front(host.runtime), principal(id, { own: true }))) as [
      BrowserGateway,
      BrowserGateway,
    ];
    for (let index = 0; index < 10; index += 1) {
      for (const gateway of [ann, bob, bob]) await gateway.execute({ type: 'create', runtimeId, profile: 'test' });
    }
    const page = await ann.read({ type: 'workers', runtimeId, limit: 9 });
    expect(page.outcome === 'answered' && page.workers).toHaveLength(9);
    const rest = await ann.read({
      type: 'workers',
      runtimeId,
      limit: 9,
      after: page.outcome === 'answered' ? page.next : undefined,
    });
    expect(rest.outcome === 'answered' && [rest.workers.length, rest.next]).toEqual([1, undefined]);
  });
});

test('B4: a scope holds through a registry too', async () => {
  await using host = scripted();
  const gateway = scoped(registry(new Map([[runtimeId, host.runtime]])), principal('ann', { scopes: ['read'] }));
  expect(await gateway.execute({ type: 'create', runtimeId, profile: 'test' })).toEqual(forbidden);
  expect(await gateway.read({ type: 'runtimes' })).toMatchObject({ runtimes: [{ runtimeId }] });
});
