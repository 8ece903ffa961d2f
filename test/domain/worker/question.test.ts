import { describe, expect, it } from 'vitest';
import { QuestionId } from '../../../src/domain/ids.js';
import type { BackendEventBody } from '../../../src/domain/observation/event.js';
import type { WorkerCommand } from '../../../src/domain/worker/command.js';
import { maxOpenQuestions } from '../../../src/domain/worker/decide-event.js';
import { settle } from '../../../src/domain/worker/settle.js';
import type { Step } from '../../support/decider-spec.js';
import { given, stateAfter } from '../../support/decider-spec.js';
import {
  answered,
  answerOption,
  answerText,
  asked,
  asking,
  busy,
  busyUnable,
  correlation,
  disconnected,
  dispatched,
  g1,
  g2,
  idle,
  input,
  inputA,
  inputB,
  placeholder,
  published,
  questionQ,
  recover,
  reserved,
  runEnded,
  said,
  spawned,
  stop,
  unable,
} from '../../support/worker-steps.js';

const answering = [...asking, answerText()] as const;
const withdrawn = (cause: 'withdrawn' | 'expired' = 'withdrawn', questionId = questionQ): BackendEventBody => ({
  type: 'question-withdrawn',
  questionId,
  cause,
});
const waiting = { for: 'answer', questionId: questionQ, answer: { text: 'yes' } } as const;
const repliesTo = (steps: readonly Step[], command: WorkerCommand) => {
  const { decision, state } = given(...steps).when(command);
  return decision.facts.flatMap((fact) => settle(waiting, fact, state) ?? []);
};
const question = (number: number): QuestionId => QuestionId(`q-${String(number)}`);

describe('a question', () => {
  it('W17: it belongs to the open input', () => {
    const { state } = given(...busy)
      .when(said(asked(questionQ, ['a', 'b'])))
      .then({ type: 'question-asked', questionId: questionQ, inputId: inputA });
    expect(state.questions).toMatchObject([{ questionId: questionQ, prompt: 'Go on?', phase: 'open' }]);
    given(...busy)
      .when(published(asked()))
      .thenRefused('event-invalid');
    given(...idle)
      .when(published(asked()))
      .thenRefused('event-invalid');
  });

  it('O6: an id that was asked before in the run is refused', () => {
    given(...asking)
      .when(said(asked()))
      .thenRefused('event-invalid');
    given(...asking, said(withdrawn()))
      .when(said(asked()))
      .thenRefused('event-invalid');
    given(...asking, said(runEnded()), input(inputB), dispatched('accepted', inputB))
      .when(said(asked(), inputB))
      .then('question-asked');
  });

  it('at most 64 are open at once', () => {
    const many = Array.from({ length: maxOpenQuestions }, (_, index) => said(asked(question(index + 100))));
    given(...busy, ...many.slice(1))
      .when(said(asked()))
      .then('question-asked');
    given(...busy, ...many)
      .when(said(asked()))
      .thenRefused('event-invalid');
    given(...busy, ...many, said(withdrawn('expired', question(100))))
      .when(said(asked()))
      .then('question-asked');
  });

  it('the oldest closed ones of a long run are forgotten, open ones never', () => {
    const steps: Step[] = [...busy, said(asked(question(1_000)))];
    for (let number = 1; number <= 100; number += 1) {
      steps.push(said(asked(question(number))), said(withdrawn('expired', question(number))));
    }
    const remembered = (...more: readonly Step[]) =>
      stateAfter(...steps, ...more).questions.map(({ questionId }) => questionId);
    const last64 = (from: number) => Array.from({ length: 64 }, (_, index) => question(index + from));
    expect(remembered(said(asked(question(200))))).toEqual([question(1_000), ...last64(37), question(200)]);
    const closes = said(withdrawn('expired', question(101)));
    expect(remembered(said(asked(question(101))), closes, said(asked(question(200))))).toEqual([
      question(1_000),
      ...last64(38),
      question(200),
    ]);
  });

  it.each(['withdrawn', 'expired'] as const)('W17: it ends %s as the backend says', (cause) => {
    given(...asking)
      .when(said(withdrawn(cause)))
      .then({ type: 'question-closed', questionId: questionQ, end: cause, answer: undefined, inputId: inputA });
    given(...answering)
      .when(said(withdrawn(cause)))
      .then({ type: 'question-closed', end: cause, answer: undefined });
  });

  it('O6: it closes once', () => {
    given(...asking, said(withdrawn()))
      .when(said(withdrawn()))
      .thenRefused('event-invalid');
    given(...asking)
      .when(said(withdrawn('expired', question(9))))
      .thenRefused('event-invalid');
    given(...asking)
      .when(published(withdrawn()))
      .thenRefused('event-invalid');
    given(...answering, said(withdrawn()))
      .when(answered())
      .thenIgnored();
    given(...asking, said(withdrawn()))
      .when(said(runEnded()))
      .then('input-ended');
  });

  it('W17: it ends interrupted with its generation', () => {
    given(...asking)
      .when(disconnected())
      .then({ type: 'question-closed', end: 'interrupted' }, 'input-ended', 'execution-disconnected');
  });

  it('W17: it ends interrupted when its host was restarted, for who still waits asks again', () => {
    given(...asking, answerText())
      .when(recover())
      .then({ type: 'question-closed', end: 'interrupted', inputId: inputA }, 'execution-connecting')
      .thenStatus({ status: 'connecting', input: { phase: 'open' } });
  });

  it('W17: a new run has no questions of the last', () => {
    const next = [...asking, said(runEnded()), input(inputB), dispatched('accepted', inputB)] as const;
    expect(stateAfter(...next).questions).toEqual([]);
    expect(stateAfter(...next.slice(0, -1)).questions).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('W17: the first answer takes the question and goes to the backend', () => {
    given(...asking)
      .when(answerText())
      .then()
      .thenFacts('answer-reserved')
      .thenCalls({ type: 'answer', generation: g1, questionId: questionQ, answer: { text: 'yes' } })
      .thenPending(waiting);
  });

  it('W17: the question closes answered when the backend took it', () => {
    given(...answering)
      .when(answered())
      .then({
        type: 'question-closed',
        questionId: questionQ,
        end: 'answered',
        answer: { text: 'yes' },
        inputId: inputA,
      });
    expect(repliesTo(answering, answered())).toEqual([{ outcome: 'accepted' }]);
  });

  it('W17: the same answer again waits, then gets the same result', () => {
    given(...answering)
      .when(answerText())
      .thenPending(waiting)
      .thenNothing();
    given(...answering, answered())
      .when(answerText())
      .thenAccepted();
    given(...answering, answered(), said(runEnded()))
      .when(answerText())
      .thenAccepted();
  });

  it('W17: another answer is question-closed', () => {
    given(...answering)
      .when(answerText('no'))
      .thenRejected('question-closed');
    given(...answering, answered())
      .when(answerText('no'))
      .thenRejected('question-closed');
    given(...answering, answered())
      .when(answerOption('yes'))
      .thenRejected('question-closed');
    given(...busy, said(asked(questionQ, ['a', 'b'])), answerOption('a'))
      .when(answerOption('b'))
      .thenRejected('question-closed');
    given(...busy, said(asked(questionQ, ['a', 'b'])), answerOption('a'))
      .when(answerText('a'))
      .thenRejected('question-closed');
    given(...busy, said(asked(questionQ, ['a', 'b'])), answerOption('a'))
      .when(answerOption('a'))
      .thenPending({ for: 'answer', questionId: questionQ, answer: { optionId: 'a' } })
      .thenNothing();
  });

  it.each([
    ['rejected', { outcome: 'rejected', code: 'question-unknown' }],
    ['errored', { outcome: 'errored', code: 'backend-timeout', executed: 'unknown', correlationId: correlation }],
    ['unsupported', { outcome: 'unsupported', operation: 'answer' }],
  ] as const)('W17: an answer that the backend answers %s leaves the question open', (_, refusal) => {
    given(...answering)
      .when(answered(refusal))
      .then()
      .thenFacts('answer-released')
      .thenStatus({ status: 'busy' });
    expect(repliesTo(answering, answered(refusal))).toEqual([refusal]);
    given(...answering, answered(refusal))
      .when(answerText('no'))
      .thenCalls('answer');
  });

  it('W17: who answered a question that ended otherwise is told question-closed', () => {
    const closed = [{ outcome: 'rejected', code: 'question-closed' }];
    expect(repliesTo(answering, said(withdrawn()))).toEqual(closed);
    expect(repliesTo(answering, said(runEnded()))).toEqual(closed);
    expect(repliesTo(answering, disconnected())).toEqual(closed);
    expect(repliesTo([...asking, answerText('no')], answered())).toEqual(closed);
    given(...answering, said(withdrawn()))
      .when(answerText())
      .thenRejected('question-closed');
  });

  it('nobody is told of another question', () => {
    const other = [...answering, said(asked(question(2)))] as const;
    expect(repliesTo(other, said(withdrawn('expired', question(2))))).toEqual([]);
    const released = { for: 'answer', questionId: question(2), answer: { text: 'yes' } } as const;
    const { decision, state } = given(...other).when(answered({ outcome: 'rejected', code: 'question-unknown' }));
    expect(decision.facts.flatMap((fact) => settle(released, fact, state) ?? [])).toEqual([]);
  });

  it('W17: an answer is an option where there are options, else a text', () => {
    const choice = [...busy, said(asked(questionQ, ['a', 'b']))] as const;
    given(...choice)
      .when(answerOption('a'))
      .thenCalls('answer');
    given(...choice)
      .when(answerOption('c'))
      .thenRejected('answer-invalid');
    given(...choice)
      .when(answerText('a'))
      .thenRejected('answer-invalid');
    given(...asking)
      .when(answerOption('a'))
      .thenRejected('answer-invalid');
    given(...busy, said(asked(questionQ, [])))
      .when(answerText())
      .thenCalls('answer');
  });

  it('an answer to no question of the run answers question-unknown', () => {
    given(...asking)
      .when(answerText('yes', question(2)))
      .thenRejected('question-unknown');
    for (const steps of [idle, placeholder])
      given(...steps)
        .when(answerText())
        .thenRejected('question-unknown');
    given(...reserved)
      .when(answerText())
      .thenRejected('worker-unknown');
  });

  it('an answer to a Worker that is stopping answers worker-stopping', () => {
    given(...asking, stop())
      .when(answerText())
      .thenRejected('worker-stopping');
    given(...answering, stop())
      .when(answerText())
      .thenPending(waiting);
  });

  it('W12: an answer to an execution that declared no questions is unsupported', () => {
    given(...busyUnable, said(asked()))
      .when(answerText())
      .thenUnsupported('answer');
    given(reserved[0], spawned({ ...unable, questions: true }), input(), dispatched(), said(asked()))
      .when(answerText())
      .thenCalls('answer');
  });

  it('an answer goes on while its host drains', () => {
    given(...asking)
      .when(answerText(), { draining: true })
      .thenCalls('answer');
  });

  it('W15: an answer of the backend for another generation or question is ignored', () => {
    given(...answering)
      .when(answered({ outcome: 'accepted' }, g2))
      .thenIgnored();
    given(...answering)
      .when(answered({ outcome: 'accepted' }, g1, question(2)))
      .thenIgnored();
    given(...asking)
      .when(answered())
      .thenIgnored();
    given(...asking)
      .when(answered({ outcome: 'rejected', code: 'question-unknown' }))
      .thenIgnored();
  });
});
