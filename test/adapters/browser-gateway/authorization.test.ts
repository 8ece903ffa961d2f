import { describe, expect, it } from 'vitest';

import { responseSchemas } from '../../../src/protocol/browser.js';
import type { Principal, WorkerRef } from '../../../src/index.js';
import { authorizationHost, principalOf } from '../../support/authorization/host.js';
import type { AuthorizationHost } from '../../support/authorization/host.js';
import type { Filter } from '../../support/authorization/rules.js';
import {
  exists,
  expected,
  filterNames,
  filters,
  hidden,
  kinds,
  offered,
  scopeSets,
} from '../../support/authorization/rules.js';
import { transports } from '../../support/authorization/transports.js';
import { inputId } from '../../support/runtime.js';

const rows = transports.flatMap((transport) =>
  scopeSets.flatMap((scopes) =>
    filterNames.map((filter) => ({ transport, scopes, filter, title: `${scopes.join(', ') || 'none'} / ${filter}` })),
  ),
);

describe.each(transports)('B4: every operation over $name', (transport) => {
  it.each(rows.filter((row) => row.transport === transport))(
    'of whose scopes and filter are $title is answered as the table says',
    async ({ scopes, filter }) => {
      await using host = await authorizationHost();
      const principal = principalOf(scopes, filter);
      await using way = await transport.open(host, principal);
      const told: Record<string, string> = {};
      const wanted: Record<string, string> = {};
      for (const kind of kinds) {
        for (const operation of transport.operations) {
          const worker = await host.worker(kind, principal);
          told[`${operation} of ${kind}`] = await way.perform(operation, worker);
          wanted[`${operation} of ${kind}`] = expected(operation, kind, scopes, filter);
          const after = await host.runtime.read({ type: 'worker', worker });
          // No operation but a stop that was accepted has changed a Worker.
          const isStopped = operation === 'stop' && wanted[`${operation} of ${kind}`] === 'accepted';
          if (kind !== 'unknown' && operation !== 'input') {
            expect(after, `${operation} of ${kind}`).toMatchObject({
              worker: { status: isStopped ? 'stopped' : 'idle' },
            });
          }
        }
      }
      expect(told).toEqual(wanted);
    },
  );
});

const everything = (filter: Filter): Principal => principalOf(['read', 'input', 'control'], filter);
const idsOf = (workers: readonly WorkerRef[]): readonly string[] => workers.map(({ workerId }) => workerId);

/** Workers of every kind, by the kinds. */
async function population(host: AuthorizationHost, principal: Principal): Promise<readonly [string, WorkerRef][]> {
  const made: [string, WorkerRef][] = [];
  for (const kind of [...kinds, ...kinds]) {
    if (kind !== 'unknown') made.push([kind, await host.worker(kind, principal)]);
  }
  return made;
}

describe.each(filterNames)('B4: who has the filter %s', (filter) => {
  const principal = everything(filter);

  it('finds in lists, whatever the page, the Workers that exist for it, and the profiles', async () => {
    await using host = await authorizationHost();
    const made = await population(host, principal);
    const visible = made.filter(([kind]) => exists(kind as (typeof kinds)[number], filter)).map(([, worker]) => worker);
    for (const limit of [1, 2, 3, 200]) {
      const found: string[] = [];
      let next: string | undefined;
      let pages = 0;
      do {
        const query = `?status=idle&limit=${limit}${next ? `&after=${next}` : ''}`;
        const page = responseSchemas.workers.parse(await (await host.ask(principal, `/workers${query}`)).json());
        found.push(...idsOf(page.workers));
        next = page.next;
        pages += 1;
      } while (next !== undefined);
      expect(found).toEqual(idsOf(visible).toSorted());
      expect(pages).toBe(Math.max(1, Math.ceil(visible.length / limit)));
    }
    const { profiles } = responseSchemas.profiles.parse(await (await host.ask(principal, '/profiles')).json());
    const names = 'profiles' in filters[filter] ? [offered] : [offered, hidden];
    expect(profiles.map(({ name }) => name)).toEqual(names);
  });

  it('is told of a Worker that does not exist for it the same as of one that never was', async () => {
    await using host = await authorizationHost();
    const asked: readonly (readonly [path: string, method?: string, body?: object])[] = [
      [''],
      ['/transcript?after=0'],
      ['/observations?limit=1'],
      ['/observations/stream?after=start'],
      ['/inputs', 'POST', { text: ' ' }],
      ['/inputs', 'POST', { inputId: inputId(), text: 'x' }],
      [`/inputs/${inputId()}/cancel`, 'POST', {}],
      ['/questions/q/answer', 'POST', { optionId: 'x' }],
      ['/reconnect', 'POST'],
      ['/stop', 'POST', { graceMs: 0 }],
      ['', 'DELETE'],
    ];
    const answersOf = async (worker: WorkerRef) => {
      const answers: string[] = [];
      for (const [path, ...rest] of asked) {
        const response = await host.ask(principal, `/workers/${worker.workerId}${path}`, ...rest);
        const { date: _date, ...headers } = Object.fromEntries(response.headers);
        answers.push(JSON.stringify([response.status, headers, await response.text()]));
      }
      return answers;
    };
    const never = await answersOf(await host.worker('unknown', principal));
    for (const kind of kinds) {
      if (!exists(kind, filter)) expect(await answersOf(await host.worker(kind, principal)), kind).toEqual(never);
    }
    const busy = await host.create('somebody', hidden, 'wait');
    if (filter !== 'none') expect(await answersOf(busy)).toEqual(never);
    expect(await host.runtime.read({ type: 'worker', worker: busy })).toMatchObject({
      outcome: 'answered',
      ...(filter !== 'none' && { worker: { status: 'busy' } }),
    });
  });

  it('makes Workers of the profiles that exist for it; of another as of one that there is not', async () => {
    await using host = await authorizationHost();
    const create = (profile: string) => host.ask(principal, '/workers', 'POST', { profile });
    expect((await create(offered)).status).toBe(201);
    const [other, none] = [await create(hidden), await create('nothing')];
    expect(none.status).toBe(422);
    if ('profiles' in filters[filter]) expect(await other.text()).toBe(await none.text());
    else expect(other.status).toBe(201);
  });
});

describe('B4: conflicts speak of what is one’s own', () => {
  const [one, two] = [everything('own'), { ...everything('own'), id: 'another' }];
  const keyed = (host: AuthorizationHost, principal: Principal, body: object) =>
    host.ask(principal, '/workers', 'POST', body, { 'idempotency-key': 'key' });
  const createdBy = async (response: Response) => responseSchemas.create.parse(await response.json()).worker.workerId;

  it('a key that somebody else used is free, with the same content and with other', async () => {
    await using host = await authorizationHost();
    const first = await keyed(host, one, { profile: offered });
    const second = await keyed(host, two, { profile: offered });
    const third = await keyed(host, { ...two, id: 'third' }, { profile: hidden });
    expect([first.status, second.status, third.status]).toEqual([201, 201, 201]);
    expect(new Set([await createdBy(first), await createdBy(second), await createdBy(third)]).size).toBe(3);
    const conflict = await keyed(host, one, { profile: hidden });
    expect(await conflict.json()).toMatchObject({ status: 409, code: 'worker-conflict' });
  });

  it('an input id that somebody else used is free', async () => {
    await using host = await authorizationHost();
    const [mine, theirs] = [await host.create(one.id, offered), await host.create(two.id, offered)];
    const body = (text: string) => ({ inputId: shared, text });
    const shared = inputId();
    const send = (principal: Principal, { workerId }: WorkerRef, text: string) =>
      host.ask(principal, `/workers/${workerId}/inputs`, 'POST', body(text));
    expect([(await send(two, theirs, 'x')).status, (await send(one, mine, 'y')).status]).toEqual([202, 202]);
  });

  it('a cursor of a Worker that does not exist for one is as one that nobody was given', async () => {
    await using host = await authorizationHost();
    const [mine, theirs] = [await host.create(one.id, offered), await host.create(two.id, offered)];
    const answer = await host.runtime.read({ type: 'worker', worker: theirs });
    const cursor = answer.outcome === 'answered' ? answer.worker.lastCursor : '';
    const at = (after: string) => host.ask(one, `/workers/${mine.workerId}/observations?after=${after}`);
    const [foreign, invented] = [await at(cursor), await at(`wo_00000000_${'0'.repeat(15)}1`)];
    expect([foreign.status, await foreign.text()]).toEqual([invented.status, await invented.text()]);
    expect(foreign.status).toBe(404);
  });

  it('a host that is full says its limit, and nothing of who fills it', async () => {
    await using host = await authorizationHost({ workers: 2 });
    for (const creator of ['somebody', 'else']) await host.create(creator, hidden);
    const refused = await host.ask(one, '/workers', 'POST', { profile: offered });
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'quota-exceeded', limit: 2 }]);
    const list = await host.ask(one, '/workers');
    expect(await list.json()).toEqual({ workers: [] });
  });
});

it.each(scopeSets)('what is no Worker needs its scope, too: %s', async (...scopes) => {
  await using host = await authorizationHost();
  const principal = principalOf(scopes, 'none');
  const may = (scope: Principal['scopes'][number], status: number) => (scopes.includes(scope) ? status : 403);
  const statuses = async (path: string, method?: string, body?: object) =>
    (await host.ask(principal, path, method, body)).status;
  expect(await statuses('')).toBe(may('read', 200));
  expect(await statuses('/profiles')).toBe(may('read', 200));
  expect(await statuses('/workers')).toBe(may('read', 200));
  expect(await statuses('/workers', 'POST', { profile: offered })).toBe(may('control', 201));
  expect(await statuses('/workers', 'POST', { profile: offered, input: { text: 'x' } })).toBe(may('control', 201));
  // An id of the wrong form names no Worker, as one that never was.
  expect(await statuses('/workers/no-uuid', 'DELETE')).toBe(may('control', 204));
  const runtimes = await fetch(`${host.url}/api/v1/runtimes`, {
    headers: { authorization: `Bearer ${host.tokenOf(principal)}` },
  });
  expect(runtimes.status).toBe(may('read', 200));
});
