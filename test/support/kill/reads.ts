import type { ServerSentEvent } from '../sse-reader.js';
import type { Body, Seen } from './answers.js';
import { isTold, sequenceOf } from './answers.js';
import { claim } from './claim.js';
import type { KnownWorker } from './known-worker.js';
import type { Scene } from './scene.js';
import { askOf } from './scene.js';

/** The observations of a page, which stand in it as they are in the log. */
function observed(worker: KnownWorker, text: string, { observations = [] }: Body): readonly Seen[] {
  const texts = observations.map((observation) => JSON.stringify(observation));
  claim(text.startsWith(`{"observations":[${texts.join(',')}]`), 'O7: the bytes of the log', text);
  return texts.map((json) => worker.observe(json));
}

/** A page after a place that was handed out, or after the beginning; `undefined` where there is nobody to tell. */
export async function readPage(
  scene: Scene,
  worker: KnownWorker,
  after: string,
  limit: number,
): Promise<readonly Seen[] | undefined> {
  const { highest } = worker;
  const told = await askOf(scene, worker, `/observations?after=${after}&limit=${limit}`);
  if (!told || isTold(told, 'worker-unknown')) return undefined;
  claim(told.status === 200, 'P5: a cursor that was handed out is known', { after, told });
  claim(told.body.gap === undefined, 'R1: every observed event is there', told);
  const from = after === 'start' ? 0 : sequenceOf(after);
  const page = observed(worker, told.text, told.body);
  const isGapless = page.every(({ sequence }, index) => sequence === from + 1 + index);
  claim(isGapless, 'O7: sequences are gapless', { after, page: page.map(({ sequence }) => sequence) });
  claim(from + page.length >= Math.min(highest, from + limit), 'R1, P4: every observed event is there', {
    workerId: worker.workerId,
    by: told.by,
    at: new Date(),
    after,
    limit,
    highest,
    page: page.length,
  });
  return page;
}

/** All of its log, from what is known of it on. */
export async function readAll(
  scene: Scene,
  worker: KnownWorker,
  known: readonly Seen[] = [],
): Promise<readonly Seen[] | undefined> {
  const all = [...known];
  for (;;) {
    const page = await readPage(scene, worker, all.at(-1)?.cursor ?? 'start', 500);
    if (!page) return undefined;
    all.push(...page);
    if (page.length < 500) return all;
  }
}

export async function readTranscript(scene: Scene, worker: KnownWorker): Promise<void> {
  const told = await askOf(scene, worker, `/transcript?limit=${1 + scene.chance.below(200)}`);
  if (!told || isTold(told, 'worker-unknown')) return;
  claim(told.status === 200, 'W3: a Worker that can be seen can be read', told);
  worker.entries(told.body.entries ?? []);
}

/** The list, as it is told: each Worker in it was asked for, none of it was deleted before. */
export async function readList({ client, book }: Scene): Promise<readonly string[] | undefined> {
  const gone = new Set([...book.workers.values()].filter(({ deletion }) => deletion === 'told'));
  const before = new Map(
    [...book.workers.values()].map((worker) => [worker, { stop: worker.stop, highest: worker.highest }]),
  );
  const told = await client.ask('/workers?limit=200');
  if (!told) return undefined;
  for (const view of told.body.workers ?? []) {
    const worker = book.visible(view);
    claim(!gone.has(worker), 'W13: a deleted Worker stays deleted', view);
    worker.view(view, before.get(worker) ?? { stop: 'none', highest: 0 });
  }
  return (told.body.workers ?? []).map(({ workerId }) => workerId);
}

const streamEnd = 'P3: a stream ends with its Worker';

/** Its host goes, or cannot read the log now: the stream goes on elsewhere. */
export const isBroken = ({ book }: Scene, end: string): boolean =>
  book.isShared && ['server-draining', 'log-unavailable'].includes((JSON.parse(end) as Body).code ?? '');

/** A stream from anywhere, for a while. */
export async function readStream(scene: Scene, worker: KnownWorker, forMs: number, count = Infinity): Promise<void> {
  const { chance, client } = scene;
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), forMs);
  const from = chance.pick([undefined, 'start', chance.pick(worker.cursors), chance.pick(worker.cursors)]);
  const byHeader = from !== undefined && from !== 'start' && chance.happens(0.5);
  const path = `${worker.path}/observations/stream${from === undefined || byHeader ? '' : `?after=${from}`}`;
  const before = { stop: worker.stop, highest: worker.highest, deletion: worker.deletion };
  let place = from === 'start' ? 0 : from === undefined ? undefined : sequenceOf(from);
  let left = count;
  const take = ({ event, data, id }: ServerSentEvent): boolean => {
    if (data === undefined) return true;
    worker.isThere(before.deletion, data);
    if (event === 'snapshot') place = snapshot(worker, data, before);
    else if (event === 'observation') {
      const seen = worker.observe(data);
      claim(id === seen.cursor, 'P5: the id of an event is its cursor', { id, data });
      claim(place === undefined || seen.sequence === place + 1, 'O7: a stream has no gap', { place, data });
      place = seen.sequence;
    } else claim(event === 'end' && (worker.isGone || isBroken(scene, data)), streamEnd, { event, data });
    return --left > 0;
  };
  const told = await client.stream(path, byHeader ? { 'last-event-id': from } : {}, cut.signal, take);
  clearTimeout(timer);
  if (told && isTold(told, 'worker-unknown')) worker.missing();
  else claim(told === undefined, 'P5: a cursor that was handed out is known', { from, told });
}

function snapshot(worker: KnownWorker, data: string, before: Parameters<KnownWorker['view']>[1]): number {
  const { worker: view, transcript = [], cursor = '' } = JSON.parse(data) as Body;
  if (view) worker.view(view, before);
  worker.told(cursor);
  worker.entries(transcript);
  return sequenceOf(cursor);
}
