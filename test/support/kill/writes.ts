import type { Told } from './answers.js';
import { isTold, isUnknown } from './answers.js';
import { claim } from './claim.js';
import type { KnownCreate } from './known-create.js';
import { createBody } from './known-create.js';
import { KnownInput } from './known-input.js';
import type { KnownWorker } from './known-worker.js';
import type { Scene } from './scene.js';
import { askOf } from './scene.js';

const textFor = ({ chance }: Scene, profile: string): string => {
  const verbs =
    profile === 'keeper' ? ['say', 'say', 'say', 'burst', 'hang'] : ['say', 'say', 'say', 'burst', 'ask', 'hang'];
  if (chance.happens(0.06)) return 'refuse';
  return `${chance.pick(verbs) ?? 'say'} ${chance.below(30)}`;
};

/** Sends an input, and takes down what it is told. */
export async function send(scene: Scene, worker: KnownWorker, input: KnownInput): Promise<Told | undefined> {
  const before = input.sending();
  const told = await askOf(scene, worker, '/inputs', { method: 'POST', body: input.body });
  input.answered(told, before, scene.book);
  if (told?.body.cursor !== undefined) worker.told(told.body.cursor);
  return told;
}

/** A new input, or one that is free or was sent before; sometimes twice at once. */
export async function sendSome(scene: Scene, worker: KnownWorker): Promise<void> {
  const { chance } = scene;
  const again = chance.happens(0.2) ? chance.pick(worker.inputs.values()) : undefined;
  const input = again ?? new KnownInput(chance.uuid(), textFor(scene, worker.profile));
  worker.inputs.set(input.inputId, input);
  await Promise.all(Array.from({ length: chance.happens(0.2) ? 2 : 1 }, () => send(scene, worker, input)));
}

type Refusal = 'refused-spawn' | 'refused-input' | '';

/** Any create that is new. */
function someCreate(scene: Scene): KnownCreate {
  const { chance } = scene;
  const profile = chance.pick(['plain', 'keeper', 'keeper']) ?? 'plain';
  const refusal = chance.happens(0.15) ? (chance.pick(['refused-spawn', 'refused-input'] as const) ?? '') : '';
  return newCreate(scene, profile, refusal);
}

/** A create that is new: with a key or without, with a first input or without. */
export function newCreate({ chance, book }: Scene, profile: string, refusal: Refusal): KnownCreate {
  const hasInput = refusal === 'refused-input' || chance.happens(0.5);
  const text = refusal === 'refused-input' ? 'refuse' : `say ${chance.below(12)}`;
  const create: KnownCreate = {
    displayName: `${refusal || 'worker'} ${chance.uuid().slice(0, 13)}`,
    profile,
    key: chance.happens(0.6) ? chance.uuid() : undefined,
    input: hasInput ? new KnownInput(chance.uuid(), text) : undefined,
    isRefused: refusal !== '',
    state: 'failed',
    underWay: 0,
    workerId: undefined,
  };
  book.creates.set(create.displayName, create);
  return create;
}

/** Asks for a create, which may have been asked for before where it has a key. */
export async function createOnce(scene: Scene, create: KnownCreate): Promise<Told | undefined> {
  const { client } = scene;
  const before = create.state;
  const worker = scene.book.workers.get(create.workerId ?? '');
  const deletion = worker?.deletion ?? 'none';
  const was = create.input?.sending();
  if (before === 'failed') create.state = 'undecided';
  create.underWay += 1;
  const headers = create.key === undefined ? {} : { 'idempotency-key': create.key };
  const told = await client.ask('/workers', { method: 'POST', body: createBody(create), headers });
  if ((told && !isUnknown(told)) || !scene.book.isShared) create.underWay -= 1;
  if (told?.body.worker) made(scene, create, told, before).isThere(deletion, told);
  else if (told && isTold(told, 'worker-unknown')) {
    claim(worker !== undefined, 'W5: what is not there was deleted', { create, told });
    worker.missing();
  } else if (told) {
    claim(before !== 'made', 'W5: what was made is answered so again', { create, told });
    claim(before !== 'unknown' || isUnknown(told), 'W5, W8: an unknown create stays unknown', { create, told });
    refused(create, told);
  }
  if (create.input && was) {
    const isMade = told?.body.worker !== undefined;
    create.input.answered(isMade ? { ...told, status: 202 } : told, was, scene.book);
  }
  return told;
}

/** Told that nothing was made: it is not there, unless another of its requests, which may make it, is under way. */
function refused(create: KnownCreate, told: Told): void {
  if (!isUnknown(told) && create.state === 'undecided' && create.underWay === 0) create.state = 'failed';
}

function made({ book }: Scene, create: KnownCreate, told: Told, before: string): KnownWorker {
  const view = told.body.worker;
  claim(view !== undefined, 'W5: a create that was made tells its Worker', told);
  claim(told.status === 200 || before !== 'made', 'W5: a create is made once', { create, told });
  const known = create.workerId === undefined || create.workerId === view.workerId;
  claim(known, 'W5: the same key gives the same Worker', { create, told });
  const worker = book.visible(view);
  worker.told(view.lastCursor);
  if (told.body.cursor !== undefined) worker.told(told.body.cursor);
  return worker;
}

/** Once, or twice at the same time where it has a key. */
export async function createSome(scene: Scene): Promise<void> {
  const keyed = [...scene.book.creates.values()].filter(({ key }) => key !== undefined);
  const again = scene.chance.happens(0.25) ? scene.chance.pick(keyed) : undefined;
  const create = again ?? someCreate(scene);
  const count = create.key !== undefined && scene.chance.happens(0.3) ? 2 : 1;
  await Promise.all(Array.from({ length: count }, () => createOnce(scene, create)));
}

export async function stop(scene: Scene, worker: KnownWorker): Promise<void> {
  if (worker.stop === 'none') worker.stop = 'asked';
  const told = await askOf(scene, worker, '/stop', { method: 'POST', body: { graceMs: scene.chance.below(100) } });
  if (!told || isTold(told, 'worker-unknown')) return;
  claim(told.status === 200 && told.body.worker?.status === 'stopped', 'W13: a stop ends in a stopped Worker', told);
  worker.stop = 'told';
  worker.told(told.body.worker.lastCursor);
}

export async function remove({ client }: Scene, worker: KnownWorker): Promise<void> {
  if (worker.deletion === 'none') worker.deletion = 'asked';
  const told = await client.ask(worker.path, { method: 'DELETE' });
  if (!told) return;
  claim(told.status === 204, 'W13: a stopped Worker can be deleted', told);
  worker.deletion = 'told';
}

export async function reconnect(scene: Scene, worker: KnownWorker): Promise<void> {
  const before = { stop: worker.stop, highest: worker.highest };
  const told = await askOf(scene, worker, '/reconnect', { method: 'POST' });
  if (told?.body.worker) worker.view(told.body.worker, before);
}

export async function answer(scene: Scene, worker: KnownWorker): Promise<void> {
  const questionId = scene.chance.pick(worker.openQuestions);
  if (questionId === undefined) return;
  const path = `/questions/${questionId}/answer`;
  const told = await askOf(scene, worker, path, { method: 'POST', body: { optionId: 'yes' } });
  if (told?.status === 200) worker.answered.add(questionId);
  if (told) worker.openQuestions.delete(questionId);
}

export async function cancel(scene: Scene, worker: KnownWorker): Promise<void> {
  const accepted = [...worker.inputs.values()].filter(({ state }) => state === 'accepted').slice(-2);
  const input = scene.chance.pick(accepted);
  if (!input) return;
  const body = { deadlineMs: 500 + scene.chance.below(500) };
  const told = await askOf(scene, worker, `/inputs/${input.inputId}/cancel`, { method: 'POST', body });
  if (told?.status === 200) worker.cancelled.add(input.inputId);
}
