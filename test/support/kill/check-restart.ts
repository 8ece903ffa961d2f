import { isUnknown } from './answers.js';
import { checkLog } from './check-log.js';
import { claim } from './claim.js';
import type { KnownInput } from './known-input.js';
import type { KnownWorker } from './known-worker.js';
import { readAll, readList, readPage, readStream, readTranscript } from './reads.js';
import type { Scene } from './scene.js';
import { viewOf } from './scene.js';
import { createOnce, reconnect, send } from './writes.js';

const settleMs = 20_000;
const pollMs = 5;

/** Asks until it is so. */
export async function until(scene: Scene, what: string, isSo: () => Promise<unknown> | unknown): Promise<void> {
  const endAt = Date.now() + settleMs;
  let seen = await isSo();
  while (seen !== true && !scene.client.isOver) {
    claim(Date.now() < endAt, what, seen);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    seen = await isSo();
  }
}

/** Whether each create that was not told is there, is not, or can be asked for again. */
async function settleCreates(scene: Scene, visible: readonly string[]): Promise<void> {
  for (const create of scene.book.creates.values()) {
    const isTried = create.state === 'undecided' || (create.state !== 'failed' && scene.chance.happens(0.1));
    if (create.state === 'undecided' && create.key === undefined) create.state = 'failed';
    else if (isTried && create.key !== undefined) {
      const told = await createOnce(scene, create);
      if (told && isUnknown(told)) create.state = 'unknown';
    }
  }
  for (const workerId of visible) claim(scene.book.workers.has(workerId), 'W5: each Worker was asked for', workerId);
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
  const { account } = scene.book;
  const view = await viewOf(scene, worker);
  if (!view) return;
  settleWishes(worker);
  const before = await readAll(scene, worker);
  if (before) checkLog(worker, before, account);
  const open = [...worker.inputs.values()].filter(({ state }) => state === 'undecided');
  const again = scene.chance.pick([...worker.inputs.values()].filter(({ state }) => state !== 'free'));
  for (const input of again ? [...open, again] : open) await settleInput(scene, worker, input);
  const log = await readAll(scene, worker);
  if (log) checkLog(worker, log, account);
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
  const told = await send(scene, worker, free);
  claim(!told || told.status === 202, 'W8: a free id is accepted', { view, free, told });
}

const isSettled = (worker: KnownWorker): boolean => worker.status !== 'connecting' && worker.status !== 'stopping';

/** Everything that is promised after a restart, asked while nobody else asks for anything. */
export async function checkRestart(scene: Scene, executed: () => readonly string[]): Promise<void> {
  const { client, book } = scene;
  let visible: readonly string[] = [];
  await until(scene, 'R3: each Worker is recovered or known to be lost', async () => {
    visible = (await readList(scene)) ?? [];
    return visible.every((workerId) => isSettled(book.workers.get(workerId) as KnownWorker));
  });
  if (client.isOver) return;
  for (const worker of book.present) {
    claim(visible.includes(worker.workerId), 'R1: every Worker is there', worker.workerId);
  }
  await settleCreates(scene, visible);
  for (const worker of book.workers.values()) if (worker.deletion !== 'told') await checkWorker(scene, worker);
  const gone = scene.chance.pick([...book.workers.values()].filter(({ deletion }) => deletion === 'told'));
  if (gone) await viewOf(scene, gone);
  await until(scene, 'R5, W14: what is executed is a Worker that is connected', async () => {
    await readList(scene);
    const connected = book.live.filter(({ status }) => status === 'idle' || status === 'busy');
    const ids = connected.map(({ workerId }) => workerId).sort();
    const own = [...executed()].sort();
    return own.join() === ids.join() || { executed: own, connected: ids };
  });
  for (const worker of book.live) await sendFreeAgain(scene, worker);
}
