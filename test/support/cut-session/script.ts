import type { Observation, QuestionId, WorkerRef } from '../../../src/index.js';
import { InputId } from '../../../src/index.js';
import type { Gates } from './play.js';
import type { Sender } from './sender.js';

/** The Workers of the script, by name. */
export type Cast = Readonly<Record<'a' | 'b' | 'c', WorkerRef>>;

/** The id of the input with that text. */
export const idOf = (text: string): InputId =>
  InputId(
    `03900000-0000-7000-8000-${text.charCodeAt(0).toString(16).padStart(6, '0')}${text.slice(1).padStart(6, '0')}`,
  );

const questionOf = ({ event }: Observation): QuestionId => {
  if (event.type !== 'question-asked') throw new Error('it asks nothing');
  return event.questionId;
};

/** What a script plays with. */
export interface Stage {
  readonly sender: Sender;
  readonly gates: Gates;
  /** Called at the beginning of each step. */
  readonly onStep?: ((step: number) => void) | undefined;
}

/**
 * Three Workers with several inputs each. A step begins when everything that the one before was to bring about is in
 * the logs, so that it says the same at every playing.
 */
export async function script({ sender, gates, onStep = () => undefined }: Stage): Promise<Cast> {
  const send = (worker: WorkerRef, text: string): Promise<void> => sender.input(worker, idOf(text), text);
  const sees = (worker: WorkerRef, text: string, type: Observation['event']['type']): Promise<Observation> =>
    sender.sees(worker, type, idOf(text));
  const ended = (worker: WorkerRef, text: string): Promise<Observation> => sees(worker, text, 'input-ended');

  onStep(1);
  const a = await sender.create('a', { inputId: idOf('a1'), text: 'a1' });
  await sees(a, 'a1', 'text-delta');
  const b = await sender.create('b');
  const c = await sender.create('c');
  onStep(2);
  await Promise.all([send(b, 'b1'), send(c, 'c1')]);
  await sees(b, 'b1', 'reasoning-delta');
  const way = questionOf(await sees(c, 'c1', 'question-asked'));
  onStep(3);
  await sender.answer(c, way, { optionId: 'left' });
  onStep(4);
  gates.open('a1', 'b1', 'c1');
  await Promise.all([ended(a, 'a1'), ended(b, 'b1'), ended(c, 'c1')]);
  onStep(5);
  await Promise.all([send(a, 'a2'), send(b, 'b2'), send(c, 'c2')]);
  await Promise.all([sees(a, 'a2', 'text-delta'), sees(c, 'c2', 'question-asked')]);
  const colour = questionOf(await sees(b, 'b2', 'question-asked'));
  onStep(6);
  await Promise.all([sender.cancel(a, idOf('a2')), sender.answer(b, colour, { text: 'blue' })]);
  await Promise.all([ended(a, 'a2'), ended(b, 'b2')]);
  onStep(7);
  await Promise.all([send(a, 'a3'), send(b, 'b3')]);
  await Promise.all([ended(a, 'a3'), sees(b, 'b3', 'question-asked')]);
  onStep(8);
  await Promise.all([sender.cancel(b, idOf('b3')), sender.stop(c)]);
  return { a, b, c };
}
