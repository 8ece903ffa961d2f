import type { Seen, View } from '../kill/answers.js';
import { isAway } from '../kill/answers.js';
import { until } from '../kill/check-restart.js';
import { checkLog } from '../kill/check-log.js';
import { claim } from '../kill/claim.js';
import { KnownInput } from '../kill/known-input.js';
import type { KnownWorker } from '../kill/known-worker.js';
import { readAll, readList } from '../kill/reads.js';
import type { Scene } from '../kill/scene.js';
import { viewOf } from '../kill/scene.js';
import { reconnect, remove, send } from '../kill/writes.js';
import type { EngineTimes } from './trouble.js';

/** Of the Workers that are stopped the latest stay. */
const keptStopped = 4;

export interface Settlement {
  /** The same things asked of each host that lives. */
  readonly scenes: readonly Scene[];
  readonly scene: Scene;
  readonly engineTimes: EngineTimes;
  /** The Workers that the programs execute. */
  executed(): readonly string[];
}

const isSettled = ({ status }: Pick<View, 'status'>): boolean => status !== 'connecting' && status !== 'stopping';

/** Each host tells of each Worker, and none is on its way. */
export async function served({ scenes, scene: { book, client } }: Settlement): Promise<void> {
  for (const scene of scenes) {
    await until(client, 'R3: each Worker is recovered or known to be lost', async () => {
      const listed = await readList(scene);
      if (!listed) return 'no list';
      const missing = book.present.filter(({ workerId }) => !listed.includes(workerId));
      if (missing.length > 0) return { missing: missing.map(({ workerId }) => workerId) };
      for (const worker of book.present) {
        const view = await viewOf(scene, worker);
        if (!view || !isSettled(view)) return view ?? 'no view';
      }
      return true;
    });
  }
}

/** What was asked while it was troubled shows or is done: a stop that nobody was told of is asked for again. */
function settleWishes({ scene: { book } }: Settlement): void {
  for (const worker of book.workers.values())
    if (worker.stop === 'asked' && worker.status === 'stopped') worker.stop = 'told';
}

/** What is promised once everything is served, asked while nobody else asks for anything. */
export async function checkAll(settlement: Settlement): Promise<void> {
  const { scene, scenes, engineTimes } = settlement;
  const { book, chance } = scene;
  settleWishes(settlement);
  for (const worker of book.present) {
    const through = chance.pick(scenes) ?? scene;
    const log = await readAll(through, worker);
    if (!log) continue;
    checkLog(worker, log, book);
    if (worker.profile === 'keeper') checkKept(log, engineTimes);
    await useAgain(chance.pick(scenes) ?? scene, worker);
  }
  await until(scene.client, 'R5, W14: what is executed is a Worker that is connected', async () => {
    await readList(scene);
    const connected = book.present.filter(({ status }) => status === 'idle' || status === 'busy');
    const ids = connected.map(({ workerId }) => workerId).sort();
    const own = [...settlement.executed()].sort();
    return own.join() === ids.join() || { executed: own, connected: ids };
  });
  const stopped = book.present.filter(({ stop }) => stop === 'told').slice(0, -keptStopped);
  for (const worker of stopped) await remove(scene, worker);
}

/** What is behind a socket of its own is found again, unless the log was away: then its generation may be closed (W19). */
function checkKept(log: readonly Seen[], engineTimes: EngineTimes): void {
  log.forEach((seen, index) => {
    const { event, at } = seen;
    if (engineTimes.has(Date.parse(at))) return;
    const before = log[index - 1]?.event;
    const isLost = event.type === 'execution-disconnected' && before?.type === 'execution-connecting';
    claim(!isLost || before.cause !== 'recover', 'R2: what can be recovered is adopted', [seen, log]);
    claim(event.end !== 'interrupted' || event.type !== 'input-ended', 'R2: an open run goes on', [seen, log]);
  });
}

/** Each Worker takes inputs, through whichever host. */
async function useAgain(scene: Scene, worker: KnownWorker): Promise<void> {
  const { chance } = scene;
  if (worker.status === 'unconnected' && worker.stop === 'none' && chance.happens(0.6)) await reconnect(scene, worker);
  const view = await viewOf(scene, worker);
  if (view?.status === 'idle') {
    const input = new KnownInput(chance.uuid(), `say ${chance.below(5)}`);
    worker.inputs.set(input.inputId, input);
    const told = await send(scene, worker, input);
    const isBehind = told?.body.code === 'backend-disconnected' || told?.body.outcome === 'busy';
    claim(told?.status === 202 || isBehind, 'W8: a Worker that is idle takes an input', { view, told });
  }
  const undecided = [...worker.inputs.values()].filter(({ state }) => state === 'undecided').slice(-3);
  for (const input of undecided) {
    const told = await send(scene, worker, input);
    claim(told !== undefined && !isAway(told), 'W8: what became of an input is told', { input: input.body, told });
  }
}

/** Each input has ended, once: those that would wait for somebody are cancelled. */
export async function endAll({ scene }: Settlement): Promise<void> {
  const { book } = scene;
  for (const worker of book.present) {
    await until(scene.client, 'O4: each input ends', async () => {
      const view = await viewOf(scene, worker);
      if (view?.status !== 'busy') return view !== undefined || 'no view';
      await cancelOpen(scene, worker, view);
      return view;
    });
  }
}

export async function cancelOpen({ client }: Scene, { path }: KnownWorker, { openInput }: View): Promise<void> {
  if (!openInput) return;
  await client.ask(`${path}/inputs/${openInput.inputId}/cancel`, { method: 'POST', body: { deadlineMs: 5_000 } });
}
