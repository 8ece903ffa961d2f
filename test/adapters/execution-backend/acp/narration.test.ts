import { describe, expect, test } from 'vitest';

import { sessionUpdate } from '../../../../src/adapters/execution-backend/acp/messages.js';
import { Narration } from '../../../../src/adapters/execution-backend/acp/narration.js';
import { InputId } from '../../../../src/domain/ids.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import { parseBackendEvent } from '../../../../src/protocol/events.js';

const run = InputId('0190b4ab-0000-7000-8000-000000000001');
const nextRun = InputId('0190b4ab-0000-7000-8000-000000000002');

function narrator(texts: Readonly<Record<string, string>> = {}) {
  const narration = new Narration({ prefix: 'g1', cwd: '/work', terminalText: (terminalId) => texts[terminalId] });
  const tell = (...updates: readonly object[]): readonly BackendEvent[] =>
    updates.flatMap((update) => {
      const read = sessionUpdate.safeParse(update);
      return read.success ? narration.take(read.data) : [];
    });
  return { narration, tell };
}

/** What an open run tells of these updates. Each is an event that the host takes. */
function told(updates: readonly object[], texts: Readonly<Record<string, string>> = {}) {
  const { narration, tell } = narrator(texts);
  narration.beginRun(run);
  const events = tell(...updates);
  for (const event of events) expect(parseBackendEvent(event)).toEqual(event);
  expect(events.map(({ inputId }) => inputId)).toEqual(events.map(() => run));
  return events.map(({ inputId: _, ...event }) => event);
}

const text = (said: string) => ({ type: 'text', text: said });
const message = (said: string, more: object = {}) => ({
  sessionUpdate: 'agent_message_chunk',
  content: text(said),
  ...more,
});
const thought = (said: string) => ({ sessionUpdate: 'agent_thought_chunk', content: text(said) });
const call = (toolCallId: string, more: object = {}) => ({ sessionUpdate: 'tool_call', toolCallId, ...more });
const update = (toolCallId: string, more: object = {}) => ({
  sessionUpdate: 'tool_call_update',
  toolCallId,
  ...more,
});
const shown = (...said: readonly string[]) => said.map((one) => ({ type: 'content', content: text(one) }));
const notice = (said: string, level = 'info') => ({ type: 'notice', level, text: said });
const id = (what: string) => `${run}:${what}`;
const usage = { sessionUpdate: 'usage_update', used: 12, size: 34 };
const block = (content: object) => ({ sessionUpdate: 'agent_message_chunk', content });

describe('mapping', () => {
  test.each<[what: string, updates: readonly object[], events: readonly object[]]>([
    ['a message', [message('one')], [{ type: 'text-delta', messageId: id('text-1'), text: 'one' }]],
    ['a thought', [thought('one')], [{ type: 'reasoning-delta', messageId: id('reasoning-1'), text: 'one' }]],
    ['a message without text', [message('')], []],
    [
      'a link',
      [block({ type: 'resource_link', name: 'notes', uri: 'file:///n' })],
      [{ type: 'text-delta', messageId: id('text-1'), text: '[notes](file:///n)' }],
    ],
    [
      'a resource with text',
      [block({ type: 'resource', resource: { uri: 'file:///n', text: 'one' } })],
      [{ type: 'text-delta', messageId: id('text-1'), text: 'one' }],
    ],
    [
      'a resource without text',
      [block({ type: 'resource', resource: { uri: 'file:///n', blob: 'AA==' } })],
      [notice('The agent says something that is not shown: a resource without text.')],
    ],
    [
      'a picture',
      [block({ type: 'image', mimeType: 'image/png', data: 'AA==' })],
      [notice('The agent says something that is not shown: image (image/png).')],
    ],
    [
      'a sound',
      [block({ type: 'audio', mimeType: 'audio/wav', data: 'AA==' })],
      [notice('The agent says something that is not shown: audio (audio/wav).')],
    ],
    [
      'a plan, each time whole under one id',
      [
        { sessionUpdate: 'plan', entries: [{ content: 'a', status: 'in_progress', priority: 'high' }] },
        { sessionUpdate: 'plan', entries: [{ content: 'a', status: 'completed', priority: 'so-so' }] },
        { sessionUpdate: 'plan', entries: [{ content: 'b', status: 'resting' }] },
      ],
      [
        { type: 'plan-updated', planId: id('plan'), steps: [{ text: 'a', status: 'in-progress', priority: 'high' }] },
        { type: 'plan-updated', planId: id('plan'), steps: [{ text: 'a', status: 'completed' }] },
        { type: 'plan-updated', planId: id('plan'), steps: [{ text: 'b', status: 'pending' }] },
      ],
    ],
    ['what the context holds', [usage], [{ type: 'usage', contextTokens: 12, contextLimit: 34 }]],
    [
      'what it cost in dollars, and no other money',
      [
        { ...usage, cost: { amount: 0.5, currency: 'USD' } },
        { ...usage, cost: { amount: 0.5, currency: 'EUR' } },
      ],
      [
        { type: 'usage', contextTokens: 12, contextLimit: 34, costUsd: 0.5 },
        { type: 'usage', contextTokens: 12, contextLimit: 34 },
      ],
    ],
    ['a mode', [{ sessionUpdate: 'current_mode_update', currentModeId: 'code' }], [notice('Mode: code')]],
    [
      'notices by their severity',
      ['info', 'warning', 'error', 'alarm'].map((severity) => ({
        sessionUpdate: 'notice',
        severity,
        title: 'Hot',
        ...(severity === 'info' && { description: 'very' }),
      })),
      [notice('Hot: very'), notice('Hot', 'warning'), notice('Hot', 'error'), notice('Hot')],
    ],
    [
      'that the context is made shorter',
      ['in_progress', 'completed', 'failed', 'else'].map((status) => ({ sessionUpdate: 'compaction_update', status })),
      [
        notice('The agent shortens its context.'),
        notice('The agent has shortened its context.'),
        notice('The agent could not shorten its context.', 'warning'),
      ],
    ],
    [
      'a tool call from its begin to its end',
      [
        call('c', { title: 'Read', kind: 'read', status: 'pending', rawInput: { path: '/n' } }),
        update('c', { status: 'in_progress' }),
        update('c', { title: 'Read', content: shown('on', 'e') }),
        update('c', { title: 'Read it', rawInput: [1] }),
        update('c', { status: 'completed', content: shown('one'), rawOutput: { lines: 1 } }),
      ],
      [
        { type: 'tool-call-started', toolCallId: 'c', name: 'read', title: 'Read', input: { path: '/n' } },
        { type: 'tool-call-updated', toolCallId: 'c', output: 'on\ne' },
        { type: 'tool-call-updated', toolCallId: 'c', title: 'Read it', input: [1] },
        { type: 'tool-call-ended', toolCallId: 'c', isError: false, output: 'one' },
      ],
    ],
    [
      'a tool call that fails, with what the agent gives for its output',
      [call('c', { name: 'rm', kind: 'delete' }), update('c', { status: 'failed', rawOutput: { code: 1 } })],
      [
        { type: 'tool-call-started', toolCallId: 'c', name: 'rm' },
        { type: 'tool-call-ended', toolCallId: 'c', isError: true, output: { code: 1 } },
      ],
    ],
    [
      'changes of files, new ones without a before',
      [
        call('c', {
          content: [
            { type: 'diff', path: '/n', oldText: 'a', newText: 'b' },
            { type: 'diff', path: '/m', oldText: null, newText: 'c' },
          ],
        }),
      ],
      [
        { type: 'tool-call-started', toolCallId: 'c', name: 'tool' },
        {
          type: 'tool-call-updated',
          toolCallId: 'c',
          diffs: [
            { file: '/n', before: 'a', after: 'b' },
            { file: '/m', after: 'c' },
          ],
        },
      ],
    ],
    [
      'of what a tool call shows all that is known',
      [
        call('c'),
        update('c', {
          content: [
            { type: 'hologram' },
            ...shown('one'),
            { type: 'content', content: { type: 'image', mimeType: 'image/png', data: '' } },
          ],
        }),
      ],
      [
        { type: 'tool-call-started', toolCallId: 'c', name: 'tool' },
        { type: 'tool-call-updated', toolCallId: 'c', output: 'one\n(image (image/png))' },
      ],
    ],
    [
      'nothing of a tool call that has ended',
      [call('c', { status: 'completed' }), call('c', { status: 'completed' }), update('c', { title: 'Late' })],
      [
        { type: 'tool-call-started', toolCallId: 'c', name: 'tool' },
        { type: 'tool-call-ended', toolCallId: 'c', isError: false },
      ],
    ],
    [
      'a tool call that is told by an update first',
      [update('c', { title: 'Goes on', status: 'in_progress' })],
      [{ type: 'tool-call-started', toolCallId: 'c', name: 'tool', title: 'Goes on' }],
    ],
    [
      'fields of the wrong form as absent',
      [call('c', { title: 7, kind: null, status: {}, content: 'none' })],
      [{ type: 'tool-call-started', toolCallId: 'c', name: 'tool' }],
    ],
  ])('%s', (_what, updates, events) => {
    expect(told(updates)).toEqual(events);
  });

  test.each([
    'user_message_chunk',
    'available_commands_update',
    'config_option_update',
    'session_info_update',
    'compaction_summary_chunk',
    'weather_update',
  ])('%s is not told', (kind) => {
    const content = text('said');
    const update = { sessionUpdate: kind, content, title: 'Notes', availableCommands: [], configOptions: [] };
    expect(sessionUpdate.safeParse(update).success).toBe(false);
  });
});

const idsOf = (events: readonly object[]) =>
  events.flatMap((event) => ('messageId' in event ? [String(event.messageId).slice(run.length + 1)] : []));

test.each<[what: string, updates: readonly object[], ids: readonly string[]]>([
  ['chunks of one message', [message('a'), message('b')], ['text-1', 'text-1']],
  ['a message after a thought', [message('a'), thought('b'), message('c')], ['text-1', 'reasoning-2', 'text-3']],
  ['a message after a tool call', [message('a'), call('c'), message('b')], ['text-1', 'text-2']],
  [
    'a message after a plan',
    [message('a'), { sessionUpdate: 'plan', entries: [] }, message('b')],
    ['text-1', 'text-2'],
  ],
  ['a message around a notice of usage', [message('a'), usage, message('b')], ['text-1', 'text-1']],
  [
    'messages that the agent tells apart',
    [message('a', { messageId: 'm1' }), message('b', { messageId: 'm2' }), message('c', { messageId: 'm2' })],
    ['text-1', 'text-2', 'text-2'],
  ],
])('O5: ids of %s', (_what, updates, ids) => {
  expect(idsOf(told(updates))).toEqual(ids);
});

test('B2: ids of tool calls that are none of ours are replaced, and two calls never share one', () => {
  const hostile = ['', ' ', '..', '../../etc/passwd', '<img src=x>', 'a'.repeat(129), 'é', `${run}:call-1`, 'ok'];
  const events = told(hostile.map((toolCallId) => call(toolCallId, { status: 'completed' })));
  const ids = events.flatMap((event) => (event.type === 'tool-call-started' ? [event.toolCallId] : []));
  expect(new Set(ids).size).toBe(hostile.length);
  expect(ids.at(-1)).toBe('ok');
});

test('W9: a tool call that goes on in the next run begins anew there, under an id of its own', () => {
  const { narration, tell } = narrator();
  narration.beginRun(run);
  tell(call('c', { title: 'Build', kind: 'execute' }));
  narration.endRun();
  narration.beginRun(nextRun);
  expect(tell(update('c', { status: 'completed' }))).toEqual([
    { type: 'tool-call-started', inputId: nextRun, toolCallId: `${nextRun}:call-1`, name: 'execute', title: 'Build' },
    { type: 'tool-call-ended', inputId: nextRun, toolCallId: `${nextRun}:call-1`, isError: false },
  ]);
  narration.endRun();
  narration.beginRun(run);
  const again = tell(call('c'));
  expect(again).toMatchObject([{ toolCallId: `${run}:call-1` }]);
});

test('O5: what no run causes stands in an activity, whose ids are not those of another', () => {
  const { narration, tell } = narrator();
  expect(tell(usage)).toEqual([{ type: 'usage', contextTokens: 12, contextLimit: 34 }]);
  expect(tell(message('a'), call('c', { status: 'completed' }))).toEqual([
    { type: 'activity-started', activityId: 'g1:activity-1' },
    { type: 'text-delta', messageId: 'g1:activity-1:text-1', text: 'a' },
    { type: 'tool-call-started', toolCallId: 'c', name: 'tool' },
    { type: 'tool-call-ended', toolCallId: 'c', isError: false },
  ]);
  expect(narration.endActivity()).toEqual([{ type: 'activity-ended', activityId: 'g1:activity-1' }]);
  expect(tell(call('c'))).toEqual([
    { type: 'activity-started', activityId: 'g1:activity-2' },
    { type: 'tool-call-started', toolCallId: 'g1:activity-2:call-1', name: 'tool' },
  ]);
  expect(narration.isCalling).toBe(true);
  expect(narration.beginRun(run)).toEqual([{ type: 'activity-ended', activityId: 'g1:activity-2' }]);
  expect(narration.endActivity()).toEqual([]);
});

test('B2: a tool call that shows a terminal ends with what the terminal has printed by then', () => {
  const texts: Record<string, string> = {};
  const { narration, tell } = narrator(texts);
  narration.beginRun(run);
  const content = [{ type: 'terminal', terminalId: 't' }];
  expect(tell(call('c', { content }))).toMatchObject([{ type: 'tool-call-started' }]);
  texts['t'] = 'done\n';
  expect(tell(update('c', { status: 'completed' }))).toEqual([
    { type: 'tool-call-ended', inputId: run, toolCallId: 'c', isError: false, output: 'done\n' },
  ]);
});

test('W17: a permission names its call as the agent does, else as it is known', () => {
  const { narration, tell } = narrator();
  narration.beginRun(run);
  tell(call('c', { title: 'Build', kind: 'execute' }));
  const asked = { toolCallId: 'c', title: undefined, name: undefined, kind: undefined, status: undefined };
  const bare = { ...asked, content: undefined, rawInput: undefined, rawOutput: undefined };
  expect(narration.titleOf(bare)).toBe('Build');
  expect(narration.titleOf({ ...bare, title: 'Build it' })).toBe('Build it');
  expect(narration.titleOf({ ...bare, toolCallId: 'd', kind: 'edit' })).toBe('edit');
  expect(narration.titleOf({ ...bare, toolCallId: 'd' })).toBe('a tool call');
});

test.each([
  ['/work/src/a.ts', 'src/a.ts'],
  ['/work', '/work'],
  ['/working/a.ts', '/working/a.ts'],
  ['/work/../a.ts', '/work/../a.ts'],
  ['a.ts', 'a.ts'],
])('B2: a changed file %j is told as %j, by its way from the folder of the Worker', (path, file) => {
  const content = [{ type: 'diff', path, newText: 'x' }];
  expect(told([call('c', { content })])).toContainEqual({
    type: 'tool-call-updated',
    toolCallId: 'c',
    diffs: [{ file, after: 'x' }],
  });
});
