import fc from 'fast-check';
import { Generation, InputId, QuestionId } from '../../src/domain/ids.js';
import type { BackendEventBody } from '../../src/domain/observation/event.js';
import type { BackendCommand, WorkerCommand } from '../../src/domain/worker/command.js';
import type { Call } from '../../src/domain/worker/decision.js';
import { nextDeadline } from '../../src/domain/worker/decide-host.js';
import type { Capabilities } from '../../src/domain/worker/state.js';
import { currentInput } from '../../src/domain/worker/state.js';
import type { WorkerModel } from './worker-model.js';
import { able, correlation, faulty, input as inputOf } from './worker-steps.js';

/** One thing that happens to a Worker. What it means is settled when it happens: the current input, the pending call. */
export interface Action {
  readonly run: (model: WorkerModel) => void;
  readonly toString: () => string;
}

const ids = [1, 2, 3, 4, 5, 6].map((number) => InputId(`00000000-0000-4000-a000-00000000000${String(number)}`));
const questions = [1, 2].map((number) => QuestionId(`q-${String(number)}`));
const pick = <T>(from: readonly T[], index: number): T => from[index % from.length] as T;

const action = (name: string, run: Action['run']): Action => ({ run, toString: () => name });
const sends = (name: string, command: (model: WorkerModel) => WorkerCommand): Action =>
  action(name, (model) => {
    model.send(command(model));
  });

const capabilities: fc.Arbitrary<Capabilities> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(able) },
  fc.record({ cancel: fc.boolean(), stop: fc.boolean(), recover: fc.boolean(), questions: fc.boolean() }),
);
const inputId = fc.constantFrom(...ids);
const text = fc.constantFrom('hello', 'hello', 'hello', 'something else');
/** Mostly the generation that lives. */
const shift = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1));
const shifted = (model: WorkerModel, by: number): Generation => Generation(Math.max(1, model.generation + by));
const named = fc.oneof({ weight: 12, arbitrary: fc.constant('current' as const) }, fc.constant(undefined), {
  weight: 2,
  arbitrary: inputId,
});
const inputNamed = (model: WorkerModel, which: InputId | 'current' | undefined): InputId | undefined =>
  which === 'current' ? currentInput(model.head)?.inputId : which;

const inputs = fc.tuple(inputId, text).map(([id, words]) => sends(`input ${id} ${words}`, () => inputOf(id, words)));
/** Somebody answers what is asked, in the form it asks for. */
const answersAsked = action('answer what is asked', (model) => {
  const question = model.head.questions.find(({ phase }) => phase !== 'closed');
  if (!question) return;
  const answer = question.options ? { optionId: 'a' } : { text: 'yes' };
  model.send({ type: 'answer', questionId: question.questionId, answer });
});
const answersAny = fc
  .tuple(fc.constantFrom(...questions), fc.constantFrom({ text: 'yes' }, { text: 'no' }, { optionId: 'a' }))
  .map(([questionId, answer]) =>
    sends(`answer ${questionId} ${JSON.stringify(answer)}`, () => ({ type: 'answer', questionId, answer })),
  );
const cancels = fc.tuple(named, fc.constantFrom(0, 5_000, 20_000)).map(([which, deadlineMs]) =>
  sends(`cancel ${String(which)} ${String(deadlineMs)}`, (model) => ({
    type: 'cancel',
    inputId: inputNamed(model, which) ?? ids[0]!,
    deadlineMs,
  })),
);
const reconnects = fc
  .constantFrom(null, 'two')
  .map((binding) => sends('reconnect', () => ({ type: 'reconnect', binding })));
const stops = fc
  .constantFrom(0, 5_000)
  .map((graceMs) => sends('stop', () => ({ type: 'stop', cause: 'user', graceMs, settleMs: 5_000 })));
const deletes = fc.constant(sends('delete', () => ({ type: 'delete' })));

const refusals = [
  { outcome: 'busy' },
  { outcome: 'rejected', code: 'backend-rejected' },
  { outcome: 'errored', code: 'backend-fault', executed: 'no', correlationId: correlation },
] as const;
const connectedFacts = (given: Capabilities) => ({ capabilities: given, codes: ['too-odd'], recoverState: { a: 1 } });

interface Choice {
  readonly kind: number;
  readonly able: Capabilities;
}
const choice: fc.Arbitrary<Choice> = fc.record({ kind: fc.nat(15), able: capabilities });

/** Half of the answers are right ones. */
function answerTo(call: Call, { kind, able: given }: Choice): BackendCommand | undefined {
  const refusal = pick(refusals, kind);
  const fault = faulty(kind % 2 === 0 ? 'backend-fault' : 'backend-timeout');
  switch (call.type) {
    case 'spawn': {
      const { generation } = call;
      const right = { outcome: 'connected', ...connectedFacts(given) } as const;
      return { type: 'spawn-answered', generation, answer: kind < 10 ? right : kind < 13 ? refusal : fault };
    }
    case 'recover': {
      const { generation } = call;
      const taken = pick([undefined, true, false, true], kind);
      const right = { outcome: 'adopted', taken, ...connectedFacts(given) } as const;
      const wrong = kind < 12 ? ({ outcome: 'lost' } as const) : kind < 14 ? refusal : fault;
      return { type: 'recover-answered', generation, answer: kind < 8 ? right : wrong };
    }
    case 'dispatch': {
      const { generation, inputId } = call;
      const unknown = { outcome: 'unknown', correlationId: correlation } as const;
      const wrong = kind < 12 ? refusal : kind < 14 ? unknown : fault;
      const answer = kind < 8 ? ({ outcome: 'accepted' } as const) : wrong;
      return { type: 'dispatch-answered', generation, inputId, answer };
    }
    case 'answer': {
      const { generation, questionId } = call;
      const answer = kind < 8 ? ({ outcome: 'accepted' } as const) : refusals[1];
      return { type: 'answer-answered', generation, questionId, answer };
    }
    case 'stop': {
      const { generation } = call;
      const end = kind % 2 === 0 ? 'stopped' : 'killed';
      return {
        type: 'stop-answered',
        generation,
        answer: kind < 12 ? { outcome: 'accepted', end } : { outcome: 'failed' },
      };
    }
    case 'cancel':
    case 'remove':
      return undefined;
  }
}

/** Answers that nobody asked for, of any generation. */
const strayAnswers: fc.Arbitrary<Action> = fc
  .tuple(fc.constantFrom<Call['type']>('spawn', 'recover', 'dispatch', 'answer', 'stop'), choice, shift, named, inputId)
  .map(([type, chosen, by, which, other]) =>
    action(`stray answer to ${type} ${JSON.stringify(chosen)} ${String(by)}`, (model) => {
      const generation = shifted(model, by);
      const id = inputNamed(model, which) ?? other;
      const call = {
        spawn: { type: 'spawn', generation },
        recover: { type: 'recover', generation, position: { generation, sequence: 0 } },
        dispatch: { type: 'dispatch', generation, inputId: id, parts: [] },
        answer: { type: 'answer', generation, questionId: questions[0]!, answer: { text: 'yes' } },
        stop: { type: 'stop', generation, graceMs: 0 },
      } as const;
      const answer = answerTo(call[type as keyof typeof call], chosen);
      if (answer) model.send(answer);
    }),
  );

const answers: fc.Arbitrary<Action> = fc.tuple(fc.nat(9), choice).map(([index, chosen]) =>
  action(`answer call ${String(index)} ${JSON.stringify(chosen)}`, (model) => {
    const call = model.calls[index % Math.max(1, model.calls.length)];
    if (!call) return;
    model.calls = model.calls.filter((one) => one !== call);
    const answer = answerTo(call, chosen);
    if (answer) model.send(answer);
  }),
);

let texts = 0;
const bodies: readonly ((questionId: QuestionId) => BackendEventBody)[] = [
  () => ({ type: 'text-delta', messageId: 'm', text: String((texts += 1)) }),
  (questionId) => ({ type: 'question-asked', questionId, prompt: 'Go on?' }),
  (questionId) => ({ type: 'question-asked', questionId, prompt: 'Go on?' }),
  (questionId) => ({ type: 'question-asked', questionId, prompt: 'Which?', options: [{ optionId: 'a', label: 'A' }] }),
  (questionId) => ({ type: 'question-withdrawn', questionId, cause: 'expired' }),
  () => ({ type: 'run-ended', end: 'completed' }),
  () => ({ type: 'run-ended', end: 'completed' }),
  () => ({ type: 'run-ended', end: 'failed', code: 'too-odd' }),
];
const publishes: fc.Arbitrary<Action> = fc
  .tuple(fc.nat(bodies.length - 1), fc.constantFrom(...questions), named, shift)
  .map(([kind, questionId, which, by]) =>
    action(`publish ${String(kind)} ${questionId} ${String(which)} ${String(by)}`, (model) => {
      const id = inputNamed(model, which);
      const event = { ...pick(bodies, kind)(questionId), ...(id && { inputId: id }) };
      model.send({ type: 'published', generation: shifted(model, by), event });
    }),
  );

/** The backend does what it was asked to. */
const serve = action('serve', (model) => {
  const call = model.calls.shift();
  const answer = call && answerTo(call, { kind: call.type === 'recover' ? 1 : 0, able });
  if (answer) model.send(answer);
});

const losses = fc.tuple(fc.constantFrom('exited' as const, 'connection-lost' as const), shift).map(([reason, by]) =>
  sends(`${reason} ${String(by)}`, (model) => ({
    type: 'disconnected',
    generation: shifted(model, by),
    reason,
    correlationId: correlation,
  })),
);
const decisions = fc.tuple(fc.boolean(), named, shift).map(([taken, which, by]) =>
  sends(`decided ${String(taken)} ${String(which)} ${String(by)}`, (model) => ({
    type: 'input-decided',
    generation: shifted(model, by),
    inputId: inputNamed(model, which) ?? ids[0]!,
    taken,
  })),
);
const faults = shift.map((by) =>
  sends(`fault ${String(by)}`, (model) => ({
    type: 'generation-faulted',
    generation: shifted(model, by),
    correlationId: correlation,
  })),
);

const time = fc.constantFrom(1_000, 10_000).map((ms) =>
  action(`${String(ms)} ms pass`, (model) => {
    model.clock += ms;
  }),
);
const deadline = action('the next deadline passes', (model) => {
  model.clock = Math.max(model.clock, nextDeadline(model.head) ?? 0);
});
const logFails = action('the log fails', (model) => {
  model.logFails = true;
});
const logIsBack = action('the log is back', (model) => {
  model.restore();
});
const restarts = fc.tuple(fc.boolean(), fc.nat(3)).map(([newEpoch, canRecover]) =>
  action(`restart ${String(newEpoch)} ${String(canRecover)}`, (model) => {
    model.restart(newEpoch, canRecover > 0);
  }),
);
const hostCloses = action('the host closes', (model) => {
  model.draining = true;
  model.send({ type: 'host-closing' });
  model.pump();
  model.restart(false, true);
});
const drains = action('the host drains', (model) => {
  model.draining = true;
});
const drainsNoMore = action('the host drains no more', (model) => {
  model.draining = false;
});
const owedStop = action('an owed stop is answered', (model) => {
  const generation = model.head.stopsOwed[0];
  if (generation) model.send({ type: 'owed-stop-answered', generation });
});

/** What a Worker does on a good day. */
const work = fc.oneof(
  { weight: 8, arbitrary: inputs },
  { weight: 4, arbitrary: fc.constant(answersAsked) },
  { weight: 1, arbitrary: answersAny },
  { weight: 2, arbitrary: cancels },
  { weight: 16, arbitrary: fc.constant(serve) },
  { weight: 2, arbitrary: answers },
  { weight: 14, arbitrary: publishes },
  { weight: 1, arbitrary: time },
  { weight: 1, arbitrary: fc.constant(deadline) },
);
const harm = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(stops, strayAnswers, losses) },
  fc.oneof(faults, decisions, restarts, deletes),
  fc.constantFrom(logFails, hostCloses, drains),
);
const cure = fc.oneof({ weight: 2, arbitrary: reconnects }, fc.constantFrom(logIsBack, drainsNoMore, owedStop));

/** Several things may come in before the mailbox takes its next batch. */
const pumped = (arbitrary: fc.Arbitrary<Action>): fc.Arbitrary<Action> =>
  fc.tuple(arbitrary, fc.nat(3)).map(([one, wait]) =>
    action(`${one.toString()}${wait === 0 ? ' …' : ''}`, (model) => {
      one.run(model);
      if (wait > 0) model.pump();
    }),
  );

export const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  pumped(fc.oneof({ weight: 30, arbitrary: work }, { weight: 1, arbitrary: harm }, { weight: 3, arbitrary: cure })),
  { minLength: 1, maxLength: 100, size: 'max' },
);

/** How a Worker begins: with or without a backend, with or without a first input. */
export const births: fc.Arbitrary<WorkerCommand> = fc.tuple(fc.nat(9), inputId).map(([kind, id]) => ({
  type: 'create',
  profile: 'demo',
  binding: kind === 0 ? null : 'one',
  ...(kind > 6 && { input: { inputId: id, digest: 'digest of hello', parts: [{ type: 'text', text: 'hello' }] } }),
}));
