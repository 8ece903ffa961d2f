import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

import { InputId, QuestionId } from '../../src/domain/ids.js';
import type { BackendEvent, Observation } from '../../src/domain/observation/event.js';
import { authorOf } from '../../src/domain/observation/event.js';
import { bodyJson } from '../../src/protocol/event-json.js';
import { backendEventSchema, parseBackendEvent } from '../../src/protocol/events.js';
import { observationSchema } from '../../src/protocol/observation.js';

type Leaf = string | number | boolean | null | undefined;
/** The type with every alias and intersection resolved and every level readonly, so that equality is of shape. */
type Shape<T> = T extends Leaf
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Shape<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Shape<T[K]> }
      : T;

const inputId = InputId('0190d1b2-0000-7000-8000-00000000000a');
const questionId = QuestionId('q.1');
const samples: readonly BackendEvent[] = [
  { type: 'text-delta', messageId: 'm.1', text: 'a' },
  { inputId, type: 'text-completed', messageId: 'm:1', text: '' },
  { type: 'reasoning-delta', messageId: 'm-1', text: 'a' },
  { type: 'reasoning-completed', messageId: 'm_1', text: 'a' },
  { inputId, type: 'output', stream: 'stderr', text: '\u0000' },
  { type: 'tool-call-started', toolCallId: 't1', name: 'run', title: 'Run', input: { a: [1, null, { b: 'c' }] } },
  { type: 'tool-call-updated', toolCallId: 't1', title: 'Runs', output: [1], diffs: [{ file: 'a', after: 'b' }] },
  { type: 'tool-call-ended', toolCallId: 't1', isError: false, output: null },
  { inputId, type: 'plan-updated', planId: 'p1', steps: [{ text: 'a', status: 'in-progress', priority: 'low' }] },
  { inputId, type: 'question-asked', questionId, prompt: 'Which?', expiresAt: '2026-11-30T10:00:00+01:00' },
  { inputId, type: 'question-asked', questionId, prompt: 'Which?', options: [{ optionId: 'a', label: 'A' }] },
  { inputId, type: 'question-withdrawn', questionId, cause: 'expired' },
  { type: 'usage', inputTokens: 1, outputTokens: 0, costUsd: 0.25, contextTokens: 5, contextLimit: 9 },
  { type: 'notice', level: 'warning', text: 'a' },
  { type: 'activity-started', activityId: 'a1', title: 'Tidies up' },
  { type: 'activity-ended', activityId: 'a1' },
  { inputId, type: 'run-ended', end: 'failed', code: 'out-of-fuel' },
];

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
const toolInput = (input: unknown) =>
  parseBackendEvent({ type: 'tool-call-started', toolCallId: 't', name: 'n', input });

describe('backend events', () => {
  it('W2: the schema knows exactly the types that a backend may author', () => {
    const types = backendEventSchema.options.map((option) => option.shape.type.value);
    const authored = Object.entries(authorOf).filter(([, author]) => author === 'backend');
    expect(types.toSorted()).toEqual(authored.map(([type]) => type).toSorted());
    expect(new Set(samples.map(({ type }) => type))).toEqual(new Set(types));
  });

  it('the schemas compile, so that no event takes the slow way', () => {
    expect(() => z.compile(backendEventSchema, { strict: true })).not.toThrow();
    expect(() => z.compile(observationSchema, { strict: true })).not.toThrow();
  });

  it('the types of wire and domain are equal', () => {
    expectTypeOf<Shape<z.output<typeof backendEventSchema>>>().toEqualTypeOf<Shape<BackendEvent>>();
    expectTypeOf<Shape<z.output<typeof observationSchema>>>().toEqualTypeOf<Shape<Observation>>();
  });

  it.each(samples)('$type is written without its run as JSON.stringify writes it', ({ inputId: _, ...body }) => {
    expect(bodyJson({ ...body, inputId })).toBe(JSON.stringify(body));
    expect(bodyJson(body)).toBe(JSON.stringify(body));
  });

  it.each(['"', '\\', '\u0000', '\u2028', '\ud800', '😀', 'é'])(
    'a text with %j is written as JSON.stringify writes it',
    (text) => {
      const texts = [
        { type: 'text-delta', messageId: 'm', text },
        { type: 'output', stream: 'stdout', text },
      ] as const;
      for (const event of texts) expect(bodyJson(event)).toBe(JSON.stringify(event));
    },
  );

  it.each(samples)('$type is read as it was published', (event) => {
    expect(parseBackendEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  it('unknown fields and fields without a value are dropped', () => {
    const event = { type: 'notice', level: 'info', text: 'a', inputId: undefined, secret: 'x' };
    expect(parseBackendEvent(event)).toStrictEqual({ type: 'notice', level: 'info', text: 'a' });
  });

  it('an input id in capitals is read in lower case', () => {
    const event = { type: 'notice', level: 'info', text: 'a', inputId: inputId.toUpperCase() };
    expect(parseBackendEvent(event)?.inputId).toBe(inputId);
  });

  const message = { type: 'text-delta', messageId: 'm', text: 'a' };
  const question = { type: 'question-asked', questionId: 'q', prompt: 'a' };
  const option = { optionId: 'a', label: 'A' };
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', [message]],
    ['a runtime-authored type', { type: 'worker-stopping' }],
    ['an unknown type', { type: 'constructor' }],
    ['B2: a message id with a slash', { ...message, messageId: '/etc/passwd' }],
    ['B2: a message id of 129 characters', { ...message, messageId: 'm'.repeat(129) }],
    ['B2: an empty question id', { ...question, questionId: '' }],
    ['an input id that is no UUID', { ...message, inputId: 'first' }],
    ['a text that is a number', { ...message, text: 1 }],
    ['no options in a list of options', { ...question, options: [] }],
    ['one option twice', { ...question, options: [option, option] }],
    ['a time without an offset', { ...question, expiresAt: '2026-11-30T10:00:00' }],
    ['a day that does not exist', { ...question, expiresAt: '2026-02-30T10:00:00Z' }],
    ['negative usage', { type: 'usage', costUsd: -1 }],
    ['endless usage', { type: 'usage', inputTokens: Number.POSITIVE_INFINITY }],
    ['usage that is no number', { type: 'usage', inputTokens: Number.NaN }],
    ['a level of its own', { type: 'notice', level: 'fatal', text: 'a' }],
    ['an end that the Runtime alone can tell', { type: 'run-ended', end: 'interrupted' }],
  ])('%s is no event', (_, value) => {
    expect(parseBackendEvent(value)).toBeUndefined();
  });

  it('a getter that throws is no event', () => {
    const trap = {
      type: 'notice',
      level: 'info',
      get text(): string {
        throw new Error('trap');
      },
    };
    expect(parseBackendEvent(trap)).toBeUndefined();
  });
});

describe('JSON of tool calls', () => {
  it.each([null, 0, '', false, [], {}, [[{ a: [null] }]], JSON.parse('{"__proto__": {"a": 1}}')])(
    '%j is kept',
    (json) => {
      expect(JSON.stringify(toolInput(json))).toContain(`"input":${JSON.stringify(json)}`);
    },
  );

  it('it is a copy: what the backend changes afterwards changes nothing', () => {
    const input = { list: [1] };
    const event = toolInput(input);
    input.list.push(2);
    expect(event).toMatchObject({ input: { list: [1] } });
  });

  it('128 levels are kept, 129 and 100,000 are no event', () => {
    expect(toolInput(nested(128))).toBeDefined();
    expect(toolInput(nested(129))).toBeUndefined();
    expect(toolInput(nested(100_000))).toBeUndefined();
  });

  it('what refers to itself many times over is no event', () => {
    const ring: unknown[] = [];
    ring.push(ring, ring);
    expect(toolInput(ring)).toBeUndefined();
    const doubled = Array.from({ length: 60 }).reduce((list: unknown) => [list, list], null);
    expect(toolInput(doubled)).toBeUndefined();
  });

  it.each([[new Date(0)], [1n], [Number.NaN], [new Map()], [() => 1], [[undefined]], [Symbol('a')]])(
    '%o is no JSON',
    (value) => {
      expect(toolInput(value)).toBeUndefined();
    },
  );
});

describe('observations', () => {
  const observation = {
    cursor: 'wo_0badcafe_0000000000000001',
    sequence: 1,
    at: '2026-11-30T10:00:00.000Z',
    event: { type: 'worker-created', profile: 'javascript' },
  };
  it('W2: the schema knows exactly the event types that a log holds', () => {
    const { options } = observationSchema.shape.event;
    const control = ['question-withdrawn', 'run-ended'];
    const types = Object.keys(authorOf).filter((type) => !control.includes(type));
    expect(options.map((option) => option.shape.type.value).toSorted()).toEqual(types.toSorted());
  });

  it('B1: a key that is not public is refused, beside the event and in it', () => {
    expect(observationSchema.safeParse(observation).success).toBe(true);
    expect(observationSchema.safeParse({ ...observation, pid: 1 }).success).toBe(false);
    const event = { ...observation.event, backend: 'x' };
    expect(observationSchema.safeParse({ ...observation, event }).success).toBe(false);
  });

  it('it can be published as JSON Schema', () => {
    expect(z.toJSONSchema(observationSchema, { io: 'input' })).toMatchObject({ additionalProperties: false });
  });
});
