import { isTold, isUnknown } from './answers.js';
import type { Client } from './client.js';
import { checkLog } from './check-log.js';
import { claim } from './claim.js';
import type { KnownInput } from './known-input.js';
import type { KnownWorker } from './known-worker.js';
import { readAll, readList, readPage, readStream, readTranscript } from './reads.js';
import type { Scene } from './scene.js';
import { viewOf } from './scene.js';
import { createOnce, reconnect, remove, send } from './writes.js';

const settleMs = 20_000;
const pollMs = 5;
/** Of the Workers that are stopped the latest stay. */
const keptStopped = 4;

/** Asks until it is so. */
export async function until(client: Pick<Client, 'isOver'>, what: string, isSo: () => unknown): Promise<void> {
  const endAt = Date.now() + settleMs;
  let seen = await isSo();
  while (seen !== true && !client.isOver) {
    claim(Date.now() < endAt, what, seen);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    seen = await isSo();
  }
}

/** Whether each create that was not told is there, is not, or can be asked for again. */
async function settleCreates(scene: Scene): Promise<void> {
  const all = [...scene.book.creates.values()];
  const keyed = all.filter(({ key, state }) => key !== undefined && state !== 'failed');
  const again = keyed.length > 0 ? [scene.chance.pick(keyed), scene.chance.pick(keyed.slice(-5))] : [];
  for (const create of all) {
    if (create.state === 'undecided' && create.key === undefined) create.state = 'failed';
    else if (create.state !== 'undecided' && !again.includes(create)) continue;
    else {
      const told = await createOnce(scene, create);
      if (told && isUnknown(told)) create.state = 'unknown';
    }
  }
}

/** What nobody was told is decided now: it was not done, or it shows. */
function settleWishes(worker: KnownWorker): void {
  if (worker.deletion === 'asked') worker.deletion = 'none';
  if (worker.stop === 'asked') worker.stop = worker.status === 'stopped' ? 'told' : 'none';
}

async function settleInput(scene: Scene, worker: KnownWorker, input: KnownInput): Promise<void> {
  const before = input.state;
  const told = await send(scene, worker, input);
  if (!told) return;
  const isStill = isUnknown(told);
  claim(before !== 'unknown' || isStill || worker.isGone, 'W8: unknown is for good', { input: input.body, told });
  if (isStill) input.state = 'unknown';
}

async function checkWorker(scene: Scene, worker: KnownWorker): Promise<void> {
  const view = await viewOf(scene, worker);
  if (!view) return;
  settleWishes(worker);
  const log = await readAll(scene, worker);
  if (!log) return;
  checkLog(worker, log, scene.book);
  const open = [...worker.inputs.values()].filter(({ state }) => state === 'undecided');
  const again = scene.chance.pick([...worker.inputs.values()].filter(({ state }) => state !== 'free'));
  for (const input of again ? [...open, again] : open) await settleInput(scene, worker, input);
  const more = await readAll(scene, worker, log);
  if (more) checkLog(worker, more, scene.book);
  await readPage(scene, worker, scene.chance.pick(worker.cursors) ?? 'start', 100);
  await readStream(scene, worker, 20, 50);
  await readTranscript(scene, worker);
  if (worker.stop === 'told') checkStopped(scene, worker);
}

function checkStopped({ book }: Scene, worker: KnownWorker): void {
  const begins = book.account.begins(worker.workerId);
  worker.beginsAtStop ??= begins;
  claim(worker.beginsAtStop === begins, 'W14: a stopped Worker is not executed again', worker.workerId);
}

/** What is free is sent again, and is accepted where the Worker is idle. */
async function sendFreeAgain(scene: Scene, worker: KnownWorker): Promise<void> {
  if (worker.status === 'unconnected' && scene.chance.happens(0.7)) await reconnect(scene, worker);
  const view = await viewOf(scene, worker);
  const free = [...worker.inputs.values()].find(({ state, text }) => state === 'free' && text !== 'refuse');
  if (view?.status !== 'idle' || !free) return;
  await until(scene.client, 'W8: a free id is accepted', async () => {
    const told = await send(scene, worker, free);
    const isAgain = told !== undefined && isTold(told, 'backend-disconnected');
    claim(!told || told.status === 202 || isAgain, 'W8: a free id is accepted', { view, free, told });
    return !isAgain || told;
  });
}

const isSettled = (worker: KnownWorker): boolean => worker.status !== 'connecting' && worker.status !== 'stopping';

/** Everything that is promised after a restart of the host or of its server, asked while nobody else asks for anything. */
export async function checkRestart(scene: Scene, executed: () => readonly string[]): Promise<void> {
  const { client, book } = scene;
  let visible: readonly string[] = [];
  await until(client, 'R3: each Worker is recovered or known to be lost', async () => {
    visible = (await readList(scene)) ?? [];
    return visible.every((workerId) => isSettled(book.workers.get(workerId) as KnownWorker));
  });
  if (client.isOver) return;
  for (const worker of book.present) {
    claim(visible.includes(worker.workerId), 'R1: every Worker is there', worker.workerId);
  }
  await settleCreates(scene);
  const there = [...book.workers.values()].filter(({ deletion }) => deletion !== 'told');
  await Promise.all(there.map((worker) => checkWorker(scene, worker)));
  const gone = scene.chance.pick([...book.workers.values()].filter(({ deletion }) => deletion === 'told'));
  if (gone) await viewOf(scene, gone);
  await until(client, 'R5, W14: what is executed is a Worker that is connected', async () => {
    await readList(scene);
    const connected = book.live.filter(({ status }) => status === 'idle' || status === 'busy');
    const ids = connected.map(({ workerId }) => workerId).sort();
    const own = [...executed()].sort();
    return own.join() === ids.join() || { executed: own, connected: ids };
  });
  await Promise.all(book.live.map((worker) => sendFreeAgain(scene, worker)));
  const stopped = book.present.filter(({ stop }) => stop === 'told').slice(0, -keptStopped);
  for (const worker of stopped) await remove(scene, worker);
}
