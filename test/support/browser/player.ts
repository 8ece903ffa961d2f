import {
  failed,
  generatorBackend,
  output,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
} from '../../../src/index.js';
import type { ExecutionBackend } from '../../../src/index.js';
import type { Ask } from '../../../src/adapters/execution-backend/generator/questions.js';
import type { RunEvent } from '../../../src/adapters/execution-backend/generator/events.js';
import { upTo } from '../watched.js';

/** Who waits there is let through one at a time, also where it is opened before anybody waits. */
export interface Gate {
  open(): void;
  passed(): Promise<void>;
}

export function gate(): Gate {
  let free = 0;
  const waiting: (() => void)[] = [];
  return {
    open() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
    passed() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return Promise.resolve();
    },
  };
}

interface Stage {
  readonly count: number;
  readonly rest: string;
  readonly gate: Gate;
  readonly signal: AbortSignal;
  readonly ask: Ask;
}

type Play = (stage: Stage) => AsyncGenerator<RunEvent, Error | undefined>;

const numbered = (count: number): readonly string[] => upTo(count).map((line) => `line ${line}`);
export const linesOf = (count: number): string => numbered(count).join('\n');

const aborted = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));

/** What a Worker does, by the first word of its input; the second is how often. */
const plays: Readonly<Record<string, Play>> = {
  async *say({ rest }) {
    yield text(rest);
    return undefined;
  },
  /** Text in two halves, the second when the gate is open. */
  async *tell({ gate: opened }) {
    yield text('Once upon a time');
    await opened.passed();
    yield text(' there was a Worker.');
    return undefined;
  },
  async *think() {
    yield reasoning('First this, then that.');
    yield text('Thought of.');
    return undefined;
  },
  /** A message per line, waiting at the gate before the line that is half. */
  async *messages({ count, gate: opened }) {
    for (const [index, line] of numbered(count).entries()) {
      if (index === Math.floor(count / 2)) await opened.passed();
      yield text(line, `message-${index}`);
    }
    return undefined;
  },
  /** A little of everything, waiting at the gate in the middle of each. */
  async *mixed({ gate: opened }) {
    yield reasoning('Let me ');
    yield text('It be');
    yield toolCallStarted('call-1', 'count', { title: 'Count lines', input: { upTo: 10 } });
    for (const line of numbered(5)) yield output(`${line}\n`);
    await opened.passed();
    yield reasoning('think.');
    for (const line of numbered(10).slice(5)) yield output(`${line}\n`);
    yield toolCallEnded('call-1', { output: { counted: 10 } });
    yield text('gins.');
    return undefined;
  },
  async *print({ count }) {
    for (const line of numbered(count)) yield output(`${line}\n`);
    return undefined;
  },
  /** More than is kept of one entry. */
  async *flood({ count }) {
    for (const line of numbered(count)) yield output(`${line.padEnd(79, '.')}\n`);
    return undefined;
  },
  async *deltas({ count }) {
    for (const line of numbered(count)) yield text(`${line}\n`);
    return undefined;
  },
  async *alternate({ count }) {
    for (const [index, line] of numbered(count).entries()) yield output(`${line}\n`, index % 2 ? 'stderr' : 'stdout');
    return undefined;
  },
  async *call() {
    yield toolCallStarted('call-1', 'read_file', { title: 'Read the notes', input: { path: 'notes.txt' } });
    yield toolCallEnded('call-1', { output: { lines: 3 } });
    return undefined;
  },
  async *choose({ ask }) {
    const options = [
      { optionId: 'tea', label: 'Tea' },
      { optionId: 'coffee', label: 'Coffee' },
    ];
    const answer = await ask({ prompt: 'Tea or coffee?', options });
    yield text(`You chose ${'optionId' in answer ? answer.optionId : 'nothing'}.`);
    return undefined;
  },
  async *question({ ask }) {
    const answer = await ask({ prompt: 'What is your name?' });
    yield text(`Hello, ${'text' in answer ? answer.text : 'nobody'}.`);
    return undefined;
  },
  async *fail() {
    return failed('out-of-luck');
  },
  async *crash() {
    throw new Error('not for the eyes of a page');
  },
  async *hang({ signal }) {
    yield text('Hanging.');
    await aborted(signal);
    return undefined;
  },
};

/** A backend that plays what it is asked for. */
export const player = (opened: Gate): ExecutionBackend =>
  generatorBackend({
    id: 'player',
    codes: ['out-of-luck'],
    run: async function* ({ parts: [part] }, { signal, ask }) {
      const [verb = '', ...words] = part?.type === 'text' ? part.text.split(' ') : [];
      const stage = { count: Number(words[0] ?? 1), rest: words.join(' '), gate: opened, signal, ask };
      const end = yield* (plays[verb] ?? plays['say'] ?? plays['fail']!)(stage);
      if (end) throw end;
    },
  });
