import type { Told, View } from './answers.js';
import type { Book } from './book.js';
import type { Chance } from './chance.js';
import type { Client, Question } from './client.js';
import type { KnownWorker } from './known-worker.js';

/** Somebody who asks a host for this and that. */
export interface Scene {
  readonly client: Client;
  readonly book: Book;
  readonly chance: Chance;
}

/** Asks for something of a Worker, which may be gone by then only if somebody asked for that. */
export async function askOf(
  { client }: Scene,
  worker: KnownWorker,
  path: string,
  question?: Question,
): Promise<Told | undefined> {
  const { deletion } = worker;
  const told = await client.ask(worker.path + path, question);
  if (told?.body.code === 'worker-unknown') worker.missing();
  else if (told) worker.isThere(deletion, told);
  return told;
}

/** Its view, now. */
export async function viewOf(scene: Scene, worker: KnownWorker): Promise<View | undefined> {
  const before = { stop: worker.stop, highest: worker.highest };
  const told = await askOf(scene, worker, '');
  const view = told?.body.worker;
  if (view) worker.view(view, before);
  return view;
}
