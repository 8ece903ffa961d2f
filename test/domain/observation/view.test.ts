import { describe, expect, it } from 'vitest';

import { CorrelationId, Generation, QuestionId, RuntimeId, Sequence } from '../../../src/domain/ids.js';
import { Epoch } from '../../../src/domain/observation/cursor.js';
import { publicStatuses, workerView } from '../../../src/domain/observation/view.js';
import type { OpenInput, Status, UndecidedInput, WorkerState } from '../../../src/domain/worker/state.js';
import { initialState, isVisible } from '../../../src/domain/worker/state.js';
import { workerIdOf } from '../../support/heads.js';
import { inputIdOf } from '../../support/observations.js';

const runtimeId = RuntimeId('here');
const generation = Generation(3);
const canary = 'canary-7f3a';
const at = '2026-11-30T10:00:00.000Z';
const undecided: UndecidedInput = {
  phase: 'undecided',
  inputId: inputIdOf(1),
  digest: canary,
  parts: [{ type: 'text', text: canary }],
};
const open: OpenInput = {
  phase: 'open',
  inputId: inputIdOf(1),
  digest: canary,
  acceptedAt: at,
  acceptedSequence: Sequence(5),
  cancellation: { deadlineAt: 1 },
};

/** Every field is there, and every private one holds the canary. */
const full: WorkerState = {
  ...initialState(workerIdOf(1)),
  revision: 9,
  status: { status: 'busy', generation, input: open },
  sequence: Sequence(7),
  epochs: [
    { epoch: Epoch('0000000a'), from: Sequence(1) },
    { epoch: Epoch('0000000b'), from: Sequence(6) },
    { epoch: Epoch('0000000c'), from: Sequence(8) },
  ],
  profile: 'javascript',
  displayName: 'Worker',
  creator: canary,
  key: { owner: canary, key: canary, digest: canary, expiresAt: 1 },
  binding: { backend: canary, options: { key: canary } },
  createdAt: '2026-11-30T09:00:00.000Z',
  updatedAt: at,
  generation: 3,
  execution: {
    generation,
    capabilities: { cancel: true, stop: true, recover: true, questions: true },
    codes: [canary],
    recoverState: { session: canary },
  },
  position: { generation, sequence: 4 },
  questions: [
    { questionId: QuestionId('q1'), prompt: 'Old?', phase: 'closed', answer: { text: canary } },
    {
      questionId: QuestionId('q2'),
      prompt: 'Which?',
      options: [{ optionId: 'a', label: 'A', ...{ secret: canary } }],
      expiresAt: at,
      phase: 'answering',
      answer: { optionId: canary },
    },
    { questionId: QuestionId('q3'), prompt: 'Why?', phase: 'open' },
  ],
  stopsOwed: [Generation(1)],
  lastFailure: {
    code: 'run-failed',
    backendCode: 'out-of-fuel',
    correlationId: CorrelationId('0190d1b2-0000-7000-8000-00000000000c'),
    at,
    ...{ cause: canary },
  },
};
const viewOf = (status: Status) => workerView({ ...full, status }, runtimeId);

const visible: readonly Status[] = [
  { status: 'connecting', generation, cause: 'reconnect', reason: 'exited' },
  { status: 'connecting', generation, cause: 'recover', input: open },
  { status: 'unconnected', reason: 'host-restarted' },
  { status: 'idle', generation, input: undecided },
  { status: 'busy', generation, input: open },
  { status: 'stopping', generation, cause: 'system', deadlineAt: 1, input: open },
  { status: 'stopped', cause: 'user', end: 'killed' },
];

/** Every key of `WorkerView` in docs/browser-api.md. */
const publicKeys = [
  ...['runtimeId', 'workerId', 'profile', 'displayName', 'createdAt', 'updatedAt', 'status', 'reason', 'cause'],
  ...['openInput', 'inputId', 'acceptedAt', 'openQuestions', 'questionId', 'prompt', 'options', 'expiresAt'],
  ...['optionId', 'label', 'lastCursor', 'lastFailure', 'code', 'backendCode', 'correlationId', 'at'],
];
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const nested = Object.values(value).flatMap(keysOf);
  return Array.isArray(value) ? nested : [...Object.keys(value), ...nested];
}

describe('the view of a Worker', () => {
  it('B1: it is built of the public fields of its state', () => {
    expect(workerView(full, runtimeId)).toStrictEqual({
      runtimeId: 'here',
      workerId: full.workerId,
      profile: 'javascript',
      displayName: 'Worker',
      createdAt: '2026-11-30T09:00:00.000Z',
      updatedAt: at,
      status: 'busy',
      openInput: { inputId: inputIdOf(1), acceptedAt: at },
      openQuestions: [
        { questionId: 'q2', prompt: 'Which?', options: [{ optionId: 'a', label: 'A' }], expiresAt: at },
        { questionId: 'q3', prompt: 'Why?' },
      ],
      lastCursor: 'wo_0000000b_0000000000000007',
      lastFailure: {
        code: 'run-failed',
        backendCode: 'out-of-fuel',
        correlationId: '0190d1b2-0000-7000-8000-00000000000c',
        at,
      },
    });
  });

  it('what is not there is no key', () => {
    const { displayName: _, lastFailure: __, ...bare } = full;
    const view = workerView({ ...bare, questions: [], status: { status: 'idle', generation } }, runtimeId);
    const keys = [
      'runtimeId',
      'workerId',
      'profile',
      'createdAt',
      'updatedAt',
      'status',
      'openQuestions',
      'lastCursor',
    ];
    expect(Object.keys(view)).toEqual(keys);
  });

  it('each status is shown with its reason or cause', () => {
    expect(visible.map(viewOf).map(({ status, reason, cause }) => [status, reason, cause])).toEqual([
      ['connecting', undefined, 'reconnect'],
      ['connecting', undefined, 'recover'],
      ['unconnected', 'host-restarted', undefined],
      ['idle', undefined, undefined],
      ['busy', undefined, undefined],
      ['stopping', undefined, 'system'],
      ['stopped', undefined, 'user'],
    ]);
    expect(new Set(visible.map(({ status }) => status))).toEqual(new Set(publicStatuses));
  });

  it('W6: an input is shown as open once it was accepted, in whatever status', () => {
    expect(visible.map((status) => viewOf(status).openInput?.inputId)).toEqual([
      ...[undefined, inputIdOf(1), undefined, undefined],
      ...[inputIdOf(1), inputIdOf(1), undefined],
    ]);
  });

  it.each(visible)('W4, B1: a Worker that is $status shows public keys only, none of them can…', (status) => {
    const keys = keysOf(viewOf(status));
    expect(keys.filter((key) => !publicKeys.includes(key))).toEqual([]);
    expect(keys.filter((key) => key.startsWith('can'))).toEqual([]);
  });

  it.each(visible)('B2: nothing private of a Worker that is $status crosses', (status) => {
    expect(JSON.stringify(full)).toContain(canary);
    expect(JSON.stringify(viewOf(status))).not.toContain(canary);
  });

  it.each<Status>([
    { status: 'absent' },
    { status: 'reserved', generation, connected: true },
    { status: 'failed', refusal: { outcome: 'rejected', code: 'backend-rejected' } },
  ])('W5: one that is $status has no view', (status) => {
    expect(isVisible({ ...full, status })).toBe(false);
    expect(() => viewOf(status)).toThrow(TypeError);
  });
});
