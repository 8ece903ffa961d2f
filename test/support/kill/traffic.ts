import type { Scene } from './scene.js';
import { viewOf } from './scene.js';
import type { KnownWorker } from './known-worker.js';
import { readList, readPage, readStream, readTranscript } from './reads.js';
import { answer, cancel, createSome, reconnect, remove, sendSome, stop } from './writes.js';

/** A Worker with a longer log is rather stopped than sent to. */
const longLog = 300;
const enoughWorkers = 6;

type Action = (scene: Scene, worker: KnownWorker) => Promise<unknown>;

const page: Action = (scene, worker) => {
  const { chance } = scene;
  const after = chance.happens(0.2) ? 'start' : (chance.pick(worker.cursors) ?? 'start');
  return readPage(scene, worker, after, 1 + chance.below(100));
};

/** How often each is done of a Worker that nobody stopped. */
const actions: readonly (readonly [weight: number, action: Action])[] = [
  [34, sendSome],
  [12, page],
  [12, (scene, worker) => readStream(scene, worker, scene.chance.below(150))],
  [6, readTranscript],
  [6, viewOf],
  [4, (scene) => readList(scene)],
  [8, answer],
  [6, cancel],
  [2, stop],
];

function chosen({ chance }: Scene): Action {
  const sum = actions.reduce((total, [weight]) => total + weight, 0);
  let left = chance.below(sum);
  return actions.find(([weight]) => (left -= weight) < 0)?.[1] ?? viewOf;
}

/** One thing after the other, until it is enough. */
export async function user(scene: Scene, isEnough: () => boolean, liveWorkers = enoughWorkers): Promise<void> {
  const { book, chance } = scene;
  while (!isEnough()) {
    const worker = chance.pick(book.live);
    const ended = chance.pick(book.present.filter(({ stop: wish }) => wish === 'told'));
    if (!worker || book.live.length < liveWorkers || chance.happens(0.03)) await createSome(scene);
    else if (ended && chance.happens(0.1)) await (chance.happens(0.3) ? remove(scene, ended) : page(scene, ended));
    else if (worker.status === 'unconnected' && chance.happens(0.4)) await reconnect(scene, worker);
    else if (worker.highest > longLog && chance.happens(0.3)) await stop(scene, worker);
    else await chosen(scene)(scene, worker);
  }
}
