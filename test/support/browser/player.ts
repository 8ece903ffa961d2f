import {
  failed,
  generatorBackend,
  output,
  planUpdated,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
  toolCallUpdated,
  usage,
} from '../../../src/index.js';
import type { Diff, ExecutionBackend, PlanStep, WorkerId } from '../../../src/index.js';
import type { Ask } from '../../../src/adapters/execution-backend/held/questions.js';
import type { RunEvent } from '../../../src/adapters/execution-backend/generator/events.js';
import { upTo } from '../watched.js';
import { ownWork } from './own-work.js';
import type { OwnWork } from './own-work.js';

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
  /** Of this Worker. */
  readonly own: { begin(activityId: string, title?: string): Promise<void>; end(activityId: string): Promise<void> };
}

const permissions = [
  { optionId: 'allow', label: 'Allow once' },
  {
    optionId: 'allow-always',
    label: 'Always allow edits of files in this folder, and in those that are in it, until the session ends',
  },
  { optionId: 'reject', label: 'Reject' },
];

type Play = (stage: Stage) => AsyncGenerator<RunEvent, Error | undefined>;

const numbered = (count: number): readonly string[] => upTo(count).map((line) => `line ${line}`);
export const linesOf = (count: number): string => numbered(count).join('\n');

/** `done` steps are, the next one is in progress. */
const plan = (count: number, done: number): readonly PlanStep[] =>
  upTo(count).map((step) => ({
    text: `Step ${step}`,
    status: step <= done ? 'completed' : step === done + 1 ? 'in-progress' : 'pending',
    ...(step === 2 ? { priority: 'high' as const } : {}),
  }));

const total = (sum: string): string => `import { rows } from './rows.js';\n\nexport const total = () =>\n  ${sum};\n`;
/** A change of a line, and a file that is new. */
const changes: readonly Diff[] = [
  { file: 'src/total.ts', before: total('rows.sum()'), after: total('rows.sum() / 100') },
  { file: 'test/total.test.ts', after: linesOf(40) },
];

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
  /** A plan of so many steps, of which one more is done each time the gate is open. */
  async *plan({ count, gate: opened }) {
    for (const done of upTo(count, 0)) {
      yield planUpdated('plan', plan(count, done));
      if (done < count) await opened.passed();
    }
    return undefined;
  },
  /** A call that tells more of itself when the gate is open, and asks before it ends. */
  async *edit({ gate: opened, ask }) {
    yield toolCallStarted('call-1', 'edit', { title: 'Edit a file' });
    await opened.passed();
    yield toolCallUpdated('call-1', { title: 'Edit src/total.ts', diffs: changes });
    const answer = await ask({ prompt: 'Edit src/total.ts?\n\nIt changes 1 line.', options: permissions });
    yield toolCallEnded('call-1', { isError: !('optionId' in answer && answer.optionId.startsWith('allow')) });
    return undefined;
  },
  /** A call that adds a line to a file of so many, and tells of it, a hundred times: more than once when the gate is open. */
  async *rewrite({ count, gate: opened }) {
    yield toolCallStarted('call-1', 'edit', { title: 'Rewrite a file' });
    const before = linesOf(count);
    for (const done of upTo(100)) {
      if (done === 2) await opened.passed();
      const after = `${numbered(done)
        .map((line) => `${line} anew`)
        .join('\n')}\n${before}`;
      yield toolCallUpdated('call-1', {
        title: `Rewrite ${done} lines`,
        diffs: [{ file: 'story.txt', before, after }],
      });
    }
    yield toolCallEnded('call-1');
    return undefined;
  },
  async *spend() {
    yield usage({ contextTokens: 12_000, contextLimit: 200_000, costUsd: 0.25 });
    yield usage({ inputTokens: 400, outputTokens: 50 });
    return undefined;
  },
  /** Works on its own after its run, from when the gate is open until it is again. */
  async *later({ rest, gate: opened, own }) {
    void opened
      .passed()
      .then(() => own.begin('activity-1', rest === '' ? undefined : rest))
      .then(() => opened.passed())
      .then(() => own.end('activity-1'));
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
export function player(opened: Gate): ExecutionBackend {
  const asked = generatorBackend<WorkerId>({
    id: 'player',
    codes: ['out-of-luck'],
    start: ({ workerId }) => workerId,
    run: async function* ({ parts: [part] }, { session, signal, ask }) {
      const [verb = '', ...words] = part?.type === 'text' ? part.text.split(' ') : [];
      const own: Stage['own'] = {
        begin: (activityId, title) => working.begin(session, activityId, title),
        end: (activityId) => working.end(session, activityId),
      };
      const stage = { count: Number(words[0] ?? 1), rest: words.join(' '), gate: opened, signal, ask, own };
      const end = yield* (plays[verb] ?? plays['say'] ?? plays['fail']!)(stage);
      if (end) throw end;
    },
  });
  const working: OwnWork = ownWork(asked);
  return working.backend;
}
