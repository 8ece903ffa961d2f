import { describe, expect, test } from 'vitest';

import type { Roster } from '../../../../src/adapters/browser-gateway/console/page/roster.js';
import { roster } from '../../../../src/adapters/browser-gateway/console/page/roster.js';
import type { WorkerView } from '../../../../src/domain/observation/view.js';
import { RuntimeId, WorkerId } from '../../../../src/domain/ids.js';
import { rejected } from '../../../../src/domain/outcome.js';
import type { AnswerOf, Query } from '../../../../src/ports/browser-gateway.js';
import { runtimeId, runtimeView, scriptedGateway, workerView } from '../../../support/scripted-gateway.js';
import { upTo } from '../../../support/watched.js';

const numbered = (number: number): WorkerView => ({
  ...workerView,
  workerId: WorkerId(`0190d1b2-1111-7000-8000-${String(number).padStart(12, '0')}`),
  createdAt: new Date(number * 1000).toISOString(),
});
const elsewhere = RuntimeId('elsewhere');

type ListQuery = Extract<Query, { type: 'workers' }>;
/** A host whose list of Workers is this one. */
function hostOf(list: (query: ListQuery) => AnswerOf<ListQuery>) {
  return scriptedGateway({
    read: (query) => {
      if (query.type === 'workers') return list(query);
      if (query.type === 'profiles') return { outcome: 'answered', profiles: [{ name: 'p', label: 'P' }] };
      return { outcome: 'answered', runtimes: [runtimeView, { ...runtimeView, runtimeId: elsewhere }] };
    },
  });
}
const pageOf = (all: readonly WorkerView[], { after, limit = 50 }: ListQuery): AnswerOf<ListQuery> => {
  const rest = all.filter(({ workerId }) => after === undefined || workerId > after);
  const workers = rest.slice(0, limit);
  const last = workers.at(-1);
  return { outcome: 'answered', workers, ...(rest.length > limit && last && { next: last.workerId }) };
};

describe('the roster', () => {
  test('has every Runtime with its profiles and all pages of its Workers, newest first', async () => {
    const all = upTo(450).map(numbered);
    const read = roster(hostOf((query) => pageOf(query.runtimeId === runtimeId ? all : [], query)));
    await read.refresh();
    const { isLoaded, listings } = read.state.get();
    expect(isLoaded).toBe(true);
    expect(listings.map(({ runtime, workers, isCut }) => [runtime.runtimeId, workers.length, isCut])).toEqual([
      [runtimeId, 450, false],
      [elsewhere, 0, false],
    ]);
    expect(listings[0]?.workers.map(({ workerId }) => workerId)).toEqual(
      all.map(({ workerId }) => workerId).toReversed(),
    );
    expect(listings[0]?.profiles).toEqual([{ name: 'p', label: 'P' }]);
  });

  test('says that it is cut where there are more Workers than it reads', async () => {
    const all = upTo(2_300).map(numbered);
    const read = roster(hostOf((query) => pageOf(all, query)));
    await read.refresh();
    expect(read.state.get().listings[0]).toMatchObject({ isCut: true });
    expect(read.state.get().listings[0]?.workers).toHaveLength(2_000);
  });

  test('keeps what it knew of a Runtime that cannot be read, and says why', async () => {
    let isThere = true;
    const read = roster(
      hostOf((query) => (isThere ? pageOf([workerView], query) : { ...rejected('runtime-unknown') })),
    );
    await read.refresh();
    isThere = false;
    await read.refresh();
    expect(read.state.get().listings[0]).toMatchObject({ workers: [workerView], problem: rejected('runtime-unknown') });
    isThere = true;
    await read.refresh();
    expect(read.state.get().listings[0]?.problem).toBeUndefined();
  });

  test('asks for one status alone, and shows no Worker of another that is told of meanwhile', async () => {
    const gateway = hostOf((query) => pageOf([{ ...workerView, status: query.status ?? 'idle' }], query));
    const read = roster(gateway);
    await read.refresh();
    read.filter('busy');
    await expect.poll(() => read.state.get().listings[0]?.workers[0]?.status).toBe('busy');
    expect(gateway.queries.filter(({ type }) => type === 'workers').at(-1)).toMatchObject({ status: 'busy' });
    read.put(workerView);
    expect(read.state.get().listings[0]?.workers).toEqual([]);
  });

  test('that is cleared knows nothing, not even what was being read', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const gateway = hostOf((query) => pageOf([workerView], query));
    const read = roster({
      ...gateway,
      read: async (query, call) => {
        if (query.type === 'workers') await asked;
        return gateway.read(query, call);
      },
    });
    const reading = read.refresh();
    await expect.poll(() => gateway.queries.length).toBeGreaterThan(1);
    read.clear();
    answer();
    await reading;
    expect(read.state.get()).toEqual({ isLoaded: false, listings: [] });
    await read.refresh();
    expect(read.state.get().listings[0]?.workers).toEqual([workerView]);
  });

  test('keeps what is told of Workers while a list is read that is older', async () => {
    const [one, two, three] = [numbered(1), numbered(2), numbered(3)];
    let isTold = false;
    const read: Roster = roster(
      hostOf((query) => {
        if (isTold && query.runtimeId === runtimeId) {
          read.put(three);
          read.remove(two);
        }
        return pageOf(query.runtimeId === runtimeId ? [one, two] : [], query);
      }),
    );
    await read.refresh();
    isTold = true;
    await read.refresh();
    const listed = read.state.get().listings[0]?.workers.map(({ workerId }) => workerId);
    expect(listed).toEqual([three.workerId, one.workerId]);
  });

  test('shows a Worker as it was last told of, in its place, and none that is gone', async () => {
    const [one, two] = [numbered(1), numbered(2)];
    const read = roster(hostOf((query) => pageOf(query.runtimeId === runtimeId ? [one] : [], query)));
    await read.refresh();
    read.put(two);
    read.put({ ...one, status: 'busy' });
    const listed = () => read.state.get().listings[0]?.workers.map(({ workerId, status }) => [workerId, status]);
    expect(listed()).toEqual([
      [two.workerId, 'idle'],
      [one.workerId, 'busy'],
    ]);
    read.remove(two);
    expect(listed()).toEqual([[one.workerId, 'busy']]);
  });
});
