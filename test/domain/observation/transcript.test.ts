import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Generation, QuestionId } from '../../../src/domain/ids.js';
import type { InputId } from '../../../src/domain/ids.js';
import type { Observation, ObservedEvent } from '../../../src/domain/observation/event.js';
import {
  continuedTranscript,
  emptyTranscript,
  entriesOf,
  foldTranscript,
  isTranscriptBoundary,
} from '../../../src/domain/observation/transcript-fold.js';
import { inputIdOf, observationAt } from '../../support/observations.js';

const run = inputIdOf(1);
const questionId = QuestionId('q');
const text = (messageId: string, piece: string): ObservedEvent => ({ type: 'text-delta', messageId, text: piece });
const output = (piece: string, stream: 'stdout' | 'stderr' = 'stdout'): ObservedEvent => ({
  type: 'output',
  stream,
  text: piece,
});
const completed: ObservedEvent = { type: 'input-ended', end: 'completed' };
const asked: ObservedEvent = {
  type: 'question-asked',
  questionId,
  prompt: 'Which?',
  options: [{ optionId: 'a', label: 'A' }],
};

type Said = ObservedEvent | readonly [ObservedEvent, InputId | undefined];
/** A log of these events, all of one run where nothing else is said. */
const logOf = (events: readonly Said[]): Observation[] =>
  events.map((said, index) =>
    'type' in said ? observationAt(index + 1, said, run) : observationAt(index + 1, said[0], said[1]),
  );
const folded = (...events: readonly Said[]) => entriesOf(foldTranscript(emptyTranscript, logOf(events)));
const parts = (...events: readonly Said[]) => folded(...events).flatMap((entry) => entry.parts);

describe('the transcript', () => {
  it('an accepted input is one user entry with its parts, complete at once', () => {
    const accepted: ObservedEvent = {
      type: 'input-accepted',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'blob', mediaType: 'image/png', data: 'AAAA' },
      ],
    };
    const { cursor: _, event: __, ...place } = observationAt(1, accepted, run);
    expect(folded(accepted)).toStrictEqual([
      { ...place, id: run, role: 'user', parts: accepted.parts, complete: true },
    ]);
  });

  it('the deltas of one message are one assistant entry, which its completion replaces', () => {
    expect(folded(text('m', 'a'), text('n', 'x'), text('m', 'b'))).toMatchObject([
      { id: 'm', sequence: 1, role: 'assistant', parts: [{ type: 'text', text: 'ab' }], complete: false },
      { id: 'n', sequence: 2, role: 'assistant', parts: [{ type: 'text', text: 'x' }], complete: false },
    ]);
    expect(folded(text('m', 'a'), { type: 'text-completed', messageId: 'm', text: 'final' })).toMatchObject([
      { id: 'm', sequence: 1, parts: [{ type: 'text', text: 'final' }], complete: true },
    ]);
  });

  it('reasoning is an entry of its own, also under the id of a message', () => {
    expect(
      folded(
        text('m', 'a'),
        { type: 'reasoning-delta', messageId: 'm', text: 'r' },
        { type: 'reasoning-completed', messageId: 'm', text: 'R' },
      ),
    ).toMatchObject([
      { id: 'm', parts: [{ type: 'text', text: 'a' }], complete: false },
      { id: 'm', role: 'assistant', parts: [{ type: 'reasoning', text: 'R' }], complete: true },
    ]);
  });

  it('an entry that is complete does not change any more', () => {
    const done: ObservedEvent = { type: 'text-completed', messageId: 'm', text: 'final' };
    expect(folded(done, text('m', 'late'))).toEqual(folded(done));
  });

  it('neighbouring output of one run and stream is one tool entry', () => {
    expect(folded(output('a'), output('b'))).toMatchObject([
      { id: run, role: 'tool', parts: [{ type: 'output', stream: 'stdout', text: 'ab' }], complete: false },
    ]);
  });

  it('output of another stream or run, and what follows another entry, is an entry of its own', () => {
    expect(folded(output('a'), output('b', 'stderr'), [output('c', 'stderr'), undefined])).toMatchObject([
      { parts: [{ stream: 'stdout', text: 'a' }], complete: true },
      { parts: [{ stream: 'stderr', text: 'b' }], complete: true },
      { id: 'wo_0badcafe_0000000000000003', parts: [{ stream: 'stderr', text: 'c' }], complete: false },
    ]);
    expect(parts(output('a'), text('m', 'x'), output('b'))).toMatchObject([
      { text: 'a' },
      { text: 'x' },
      { text: 'b' },
    ]);
  });

  it('events that fold to nothing do not part output', () => {
    expect(parts(output('a'), { type: 'usage' }, { type: 'notice', level: 'info', text: 'n' }, output('b'))).toEqual([
      { type: 'output', stream: 'stdout', text: 'ab' },
    ]);
  });

  it('a tool call is one entry from its start to its end', () => {
    const started: ObservedEvent = {
      type: 'tool-call-started',
      toolCallId: 't',
      name: 'read',
      title: 'Read',
      input: null,
    };
    const ended: ObservedEvent = { type: 'tool-call-ended', toolCallId: 't', isError: true, output: { a: 1 } };
    const part = { type: 'tool-call', name: 'read', title: 'Read', input: null };
    expect(folded(started)).toMatchObject([{ id: 't', role: 'tool', parts: [part], complete: false }]);
    expect(folded(started, text('m', 'x'), ended)[0]).toMatchObject({
      parts: [{ ...part, output: { a: 1 }, isError: true }],
      complete: true,
    });
  });

  it('what a tool call tells anew replaces what it told before', () => {
    const diffs = [{ file: 'a.ts', before: 'a', after: 'b' }];
    const started: ObservedEvent = { type: 'tool-call-started', toolCallId: 't', name: 'edit', input: 1 };
    const updates: readonly ObservedEvent[] = [
      { type: 'tool-call-updated', toolCallId: 't', title: 'Edits a.ts', diffs: [] },
      { type: 'tool-call-updated', toolCallId: 't', output: 'half', diffs },
    ];
    const ended: ObservedEvent = { type: 'tool-call-ended', toolCallId: 't', isError: false, output: 'all' };
    const part = { type: 'tool-call', name: 'edit', title: 'Edits a.ts', input: 1, diffs };
    expect(parts(started, ...updates)).toStrictEqual([{ ...part, output: 'half' }]);
    expect(parts(started, ...updates, ended)).toStrictEqual([{ ...part, output: 'all', isError: false }]);
    expect(parts(...updates)).toStrictEqual([
      { type: 'tool-call', name: '', title: 'Edits a.ts', output: 'half', diffs },
    ]);
  });

  it('a plan is one entry, as it was last told, until its run ends', () => {
    const steps = [{ text: 'a', status: 'completed' }] as const;
    const first: ObservedEvent = { type: 'plan-updated', planId: 'p', steps: [{ text: 'a', status: 'pending' }] };
    const then: ObservedEvent = { type: 'plan-updated', planId: 'p', steps };
    const plan = { id: 'p', role: 'assistant', parts: [{ type: 'plan', steps }] };
    expect(folded(first, then)).toMatchObject([{ ...plan, complete: false }]);
    expect(folded(first, then, completed)).toMatchObject([{ ...plan, complete: true }]);
  });

  it('work that no input caused is one system entry, complete at its end or that of its execution', () => {
    const started: ObservedEvent = { type: 'activity-started', activityId: 'a', title: 'Tidies up' };
    const ended: ObservedEvent = { type: 'activity-ended', activityId: 'a' };
    const lost: ObservedEvent = { type: 'execution-disconnected', generation: Generation(1), reason: 'exited' };
    const entry = { id: 'a', role: 'system', parts: [{ type: 'activity', title: 'Tidies up' }] };
    expect(folded(started)).toMatchObject([{ ...entry, complete: false }]);
    expect(folded(started, ended)).toMatchObject([{ ...entry, complete: true }]);
    expect(folded(started, lost)[0]).toMatchObject({ ...entry, complete: true });
    expect(folded(ended)).toEqual([]);
  });

  it('the end of a tool call that nobody saw start is not lost', () => {
    expect(parts({ type: 'tool-call-ended', toolCallId: 't', isError: false })).toStrictEqual([
      { type: 'tool-call', name: '', isError: false },
    ]);
  });

  it('a question is one system entry until it is closed', () => {
    const closed: ObservedEvent = { type: 'question-closed', questionId, end: 'answered', answer: { optionId: 'a' } };
    const part = { type: 'question', prompt: 'Which?', options: [{ optionId: 'a', label: 'A' }] };
    expect(folded(asked)).toMatchObject([{ id: 'q', role: 'system', parts: [part], complete: false }]);
    expect(folded(asked, closed)).toMatchObject([
      { parts: [{ ...part, end: 'answered', answer: { optionId: 'a' } }], complete: true },
    ]);
    expect(folded(closed)).toEqual([]);
  });

  it('an input that ended otherwise than completed leaves a notice with its code, else its end', () => {
    expect(parts(completed)).toEqual([]);
    expect(parts({ type: 'input-ended', end: 'failed', code: 'backend-fault', backendCode: 'out-of-fuel' })).toEqual([
      { type: 'notice', code: 'backend-fault' },
    ]);
    expect(folded({ type: 'input-ended', end: 'interrupted' })).toMatchObject([
      { id: run, role: 'system', parts: [{ type: 'notice', code: 'interrupted' }], complete: true },
    ]);
  });

  it('a lost execution leaves a notice with its reason', () => {
    const lost: ObservedEvent = { type: 'execution-disconnected', generation: Generation(1), reason: 'exited' };
    expect(folded([lost, undefined])).toMatchObject([
      { id: 'wo_0badcafe_0000000000000001', role: 'system', parts: [{ type: 'notice', code: 'exited' }] },
    ]);
  });

  it.each<[string, ObservedEvent]>([
    ['the end of an input', completed],
    ['the loss of the execution', { type: 'execution-disconnected', generation: Generation(1), reason: 'exited' }],
    ['the stop of the Worker', { type: 'worker-stopped', cause: 'user' }],
  ])('%s completes every entry, also those that no input caused', (_, boundary) => {
    const entries = folded([text('m', 'a'), undefined], asked, output('b'), boundary, text('m', 'c'));
    expect(entries.filter((entry) => !entry.complete)).toMatchObject([
      { id: 'm', sequence: 5, parts: [{ text: 'c' }] },
    ]);
  });

  it('what says nothing to a reader is no entry', () => {
    expect(
      folded(
        { type: 'worker-created', profile: 'p' },
        { type: 'execution-connecting', generation: Generation(2), cause: 'recover' },
        { type: 'execution-connected', generation: Generation(2) },
        { type: 'worker-stopping' },
        { type: 'worker-stopped', cause: 'user' },
      ),
    ).toEqual([]);
  });
});

describe('long output', () => {
  const kib = 1024;
  it('the last 64 KiB are shown, and that there was more', () => {
    const exact = 'a'.repeat(64 * kib);
    expect(parts(output(exact))).toEqual([{ type: 'output', stream: 'stdout', text: exact }]);
    expect(parts(output('b'), output(exact))).toEqual([
      { type: 'output', stream: 'stdout', text: exact, truncated: true },
    ]);
  });

  it('it is cut between characters', () => {
    const cut = (piece: string) => Buffer.byteLength((parts(output('x'), output(piece))[0] as { text: string }).text);
    expect(cut('é'.repeat(64 * kib))).toBe(64 * kib);
    expect(cut('€'.repeat(64 * kib))).toBe(64 * kib - 1);
    expect(cut('😀'.repeat(64 * kib))).toBe(64 * kib);
    expect(cut(`${'😀'.repeat(64 * kib)}a`)).toBe(64 * kib - 3);
  });

  it('however it is cut into pieces, the same is shown', () => {
    const whole = Array.from({ length: 40_000 }, (_, index) => `${index}€`).join(' ');
    const pieces = whole.match(/[^]{1,97}/g) ?? [];
    expect(parts(...pieces.map((piece) => output(piece)))).toEqual(parts(output(whole)));
  });

  it('a text of 100,000 deltas is folded', () => {
    const deltas = Array.from({ length: 100_000 }, () => text('m', 'abc'));
    const [entry] = entriesOf(foldTranscript(emptyTranscript, logOf(deltas)));
    expect(entry?.parts).toEqual([{ type: 'text', text: 'abc'.repeat(100_000) }]);
  });
});

const anyRun = fc.constantFrom(undefined, inputIdOf(1), inputIdOf(2));
const id = fc.constantFrom('a', 'b');
const anyEvent: fc.Arbitrary<ObservedEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom('text-delta', 'text-completed', 'reasoning-delta', 'reasoning-completed'),
    messageId: id,
    text: fc.string(),
  }),
  fc.record({ type: fc.constant('output'), stream: fc.constantFrom('stdout', 'stderr'), text: fc.string() }),
  fc.record({ type: fc.constant('tool-call-started'), toolCallId: id, name: fc.string() }),
  fc.record({ type: fc.constant('tool-call-updated'), toolCallId: id, output: fc.string() }),
  fc.record({ type: fc.constant('tool-call-ended'), toolCallId: id, isError: fc.boolean() }),
  fc.record({ type: fc.constant('plan-updated'), planId: id, steps: fc.constant([]) }),
  fc.record({ type: fc.constantFrom('activity-started', 'activity-ended'), activityId: id }),
  fc.record({ type: fc.constant('question-asked'), questionId: id.map(QuestionId), prompt: fc.string() }),
  fc.record({
    type: fc.constant('question-closed'),
    questionId: id.map(QuestionId),
    end: fc.constantFrom('withdrawn', 'expired'),
  }),
  fc.constantFrom<ObservedEvent>(
    { type: 'input-accepted', parts: [{ type: 'text', text: 'go' }] },
    completed,
    { type: 'input-ended', end: 'cancelled' },
    { type: 'execution-disconnected', generation: Generation(1), reason: 'closed' },
    { type: 'usage' },
  ),
);
const anyLog = fc.array(fc.tuple(anyEvent, anyRun), { maxLength: 60 }).map(logOf);

describe('any transcript', () => {
  it('O7: a fold that begins right after any input-ended gives the entries that begin there', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const whole = entriesOf(foldTranscript(emptyTranscript, log));
        for (const boundary of log.filter(isTranscriptBoundary)) {
          const rest = log.slice(boundary.sequence);
          const later = whole.filter((entry) => entry.sequence > boundary.sequence);
          expect(entriesOf(foldTranscript(emptyTranscript, rest))).toEqual(later);
        }
      }),
    );
  });

  it('it is the same folded at once and one by one, and folding changes no earlier transcript', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        let transcript = emptyTranscript;
        log.forEach((observation, index) => {
          const before = JSON.stringify(entriesOf(transcript));
          const next = foldTranscript(transcript, [observation]);
          expect(JSON.stringify(entriesOf(transcript))).toBe(before);
          expect(next).toEqual(foldTranscript(emptyTranscript, log.slice(0, index + 1)));
          transcript = next;
        });
      }),
      { numRuns: 50 },
    );
  });

  it('entries stand in the order of their first events, and what is complete never changes', () => {
    fc.assert(
      fc.property(anyLog, fc.nat({ max: 60 }), (log, cut) => {
        const earlier = entriesOf(foldTranscript(emptyTranscript, log.slice(0, cut)));
        const whole = entriesOf(foldTranscript(emptyTranscript, log));
        expect(whole.map(({ sequence }) => sequence)).toEqual(
          whole.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
        );
        earlier.forEach((entry, index) => {
          if (entry.complete) expect(whole[index]).toEqual(entry);
        });
      }),
    );
  });

  it('the last entries are the end of all entries', () => {
    const transcript = foldTranscript(emptyTranscript, logOf([text('a', '1'), text('b', '2'), text('c', '3')]));
    expect(entriesOf(transcript, 2)).toEqual(entriesOf(transcript).slice(1));
    expect(entriesOf(transcript, 0)).toEqual([]);
    expect(entriesOf(transcript, 50)).toHaveLength(3);
  });
});

describe('a transcript that goes on from shown entries', () => {
  const started: ObservedEvent = { type: 'tool-call-started', toolCallId: 't', name: 'read' };
  const ended: ObservedEvent = { type: 'tool-call-ended', toolCallId: 't', isError: false, output: 1 };
  const closed: ObservedEvent = { type: 'question-closed', questionId, end: 'withdrawn' };
  const spoken: ObservedEvent = { type: 'text-completed', messageId: 'm', text: 'all' };
  const reasoning: ObservedEvent = { type: 'reasoning-delta', messageId: 'm', text: 'so' };
  const next = inputIdOf(2);
  const given = (text: string, of: InputId): Said => [{ type: 'input-accepted', parts: [{ type: 'text', text }] }, of];

  it.each<readonly [string, readonly Said[], readonly Said[], InputId | undefined]>([
    ['a text', [text('m', 'a')], [text('m', 'b'), spoken], run],
    [
      'two texts and a reasoning of one id',
      [text('m', 'a'), reasoning, text('n', 'x')],
      [reasoning, text('m', 'b')],
      run,
    ],
    ['an output', [output('a')], [output('b'), output('c', 'stderr')], run],
    ['a tool call', [started], [text('m', 'a'), ended], run],
    ['a question', [asked], [closed], run],
    ['what has said all in the open run, and says it again', [spoken, ended], [text('m', 'more'), started], run],
    [
      'an id that the run before has used',
      [text('m', 'a'), spoken, completed],
      [given('x', next), [text('m', 'b'), next]],
      undefined,
    ],
    ['what nobody asked for', [[text('m', 'a'), undefined]], [[text('m', 'b'), undefined]], undefined],
  ])('of %s is the same as one that was never cut', (_, before, after, openInput) => {
    const log = logOf([given('go', run), ...before, ...after]);
    const cut = before.length + 1;
    const shown = entriesOf(foldTranscript(emptyTranscript, log.slice(0, cut)));
    const continued = foldTranscript(continuedTranscript(shown, openInput), log.slice(cut));
    expect(entriesOf(continued)).toEqual(entriesOf(foldTranscript(emptyTranscript, log)));
  });
});
