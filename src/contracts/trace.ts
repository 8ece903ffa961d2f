import { messageOf } from './message-of.js';

/** Notes one step on the way to a result: a call, its answer, an event, a line. */
export type Note = (frame: string) => void;

const keptFrames = 40;
const frameLength = 400;

/** The last steps of a case, oldest first: what somebody reads to see why it failed. */
export class Trace {
  readonly #frames: string[] = [];
  #dropped = 0;

  readonly note: Note = (frame) => {
    this.#frames.push(frame.length > frameLength ? `${frame.slice(0, frameLength)}…` : frame);
    if (this.#frames.length <= keptFrames) return;
    this.#frames.shift();
    this.#dropped += 1;
  };

  get frames(): readonly string[] {
    return this.#dropped === 0 ? [...this.#frames] : [`(${this.#dropped} earlier frames)`, ...this.#frames];
  }
}

/** Data alone: what a call carries beside it (signals, publishers, functions) says nothing to a reader. */
const isData = (value: unknown): boolean =>
  value === null ||
  typeof value !== 'object' ||
  Array.isArray(value) ||
  Object.getPrototypeOf(value) === Object.prototype;

function dataOf(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return isData(value) ? value : undefined;
}

/** Data as JSON. To be noted is no reason to fail: what JSON cannot hold is said to be there. */
export function jsonOf(value: unknown): string {
  try {
    return String(JSON.stringify(value, dataOf));
  } catch {
    return '(no JSON)';
  }
}

const shown = (values: readonly unknown[]): string =>
  values
    .filter((value) => value !== undefined && isData(value))
    .map(jsonOf)
    .filter((text) => text !== '{}')
    .join(' ');

/** Not a generator: who leaves one while it waits would wait, too. */
const tracedItems = <T>(name: string, items: AsyncIterable<T>, note: Note): AsyncIterable<T> => ({
  [Symbol.asyncIterator]() {
    const iterator = items[Symbol.asyncIterator]();
    return {
      async next() {
        const next = await iterator.next();
        note(next.done ? `← ${name} is over` : `← ${name} ${shown([next.value])}`);
        return next;
      },
      async return() {
        return (await iterator.return?.()) ?? { done: true, value: undefined };
      },
    };
  },
});

function tracedAnswer(name: string, answer: unknown, note: Note): unknown {
  if (!(answer instanceof Object)) return answer;
  if (Symbol.asyncIterator in answer) return tracedItems(name, answer as AsyncIterable<unknown>, note);
  if (!(answer instanceof Promise)) return answer;
  return answer.then(
    (value: unknown) => {
      note(`← ${name} ${shown([value])}`);
      return value;
    },
    (cause: unknown) => {
      note(`← ${name} threw ${messageOf(cause)}`);
      throw cause;
    },
  );
}

/** The same object, whose calls and answers are noted. */
export function traced<T extends object>(subject: T, note: Note): T {
  return new Proxy(subject, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      if (typeof key === 'symbol') return (...args: readonly unknown[]): unknown => Reflect.apply(member, target, args);
      return (...args: readonly unknown[]): unknown => {
        note(`→ ${key} ${shown(args)}`);
        return tracedAnswer(key, Reflect.apply(member, target, args), note);
      };
    },
  });
}
