import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { methods, type ContentBlock } from '@agentclientprotocol/sdk';
import { describe, expect, test, vi } from 'vitest';

import { temporaryFolder } from '../temporary-folder.js';
import { begun, calls, kinds, open } from './scripted-agent.js';

describe('runs', () => {
  test('complete: one chunk, and the end of the turn', async () => {
    const session = await open();
    expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
    expect(session.text()).toBe('begun');
  });

  test('stream 300 20: so many chunks of so many bytes, the same for each session', async () => {
    const [one, other] = [await open(), await open()];
    await one.prompt('stream 300 20');
    await other.prompt('stream 300 20');
    expect(one.updates).toHaveLength(300);
    expect(one.text()).toHaveLength(6_000);
    expect(other.updates).toEqual(one.updates);
  });

  test.each(['wait', 'flood', 'stream 100000000'])('%s: runs until it is cancelled', async (words) => {
    const session = await open();
    const answer = session.prompt(`message begun; ${words}`);
    await begun(session);
    await session.cancel();
    expect(await answer).toEqual({ stopReason: 'cancelled' });
    expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
  });

  test('fail: the prompt is answered by an error, which names the secret that was planted', async () => {
    const session = await open({ env: { ACP_AGENT_SECRET: 'canary' } });
    await expect(session.prompt('fail')).rejects.toMatchObject({ code: -32603, data: { secret: 'canary' } });
    expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
  });

  test.each(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled'])(
    'stop %s: the stop reason of the turn, and nothing after it',
    async (stopReason) => {
      const session = await open();
      expect(await session.prompt(`message one; stop ${stopReason}; message two`)).toEqual({ stopReason });
      expect(session.text()).toBe('one');
    },
  );

  test('a prompt while one is open is refused', async () => {
    const session = await open();
    const answer = session.prompt('wait');
    await begun(session);
    await expect(session.prompt('complete')).rejects.toMatchObject({ code: -32600 });
    await session.cancel();
    await answer;
  });

  test('later: the rest when the turn has ended', async () => {
    const session = await open();
    await session.prompt('message one; later; message two; plan');
    expect(kinds(session.updates)).toEqual(['agent_message_chunk']);
    await vi.waitFor(() => expect(session.updates).toHaveLength(4));
    expect(session.text()).toBe('onetwo');
  });

  test('words of its own that no table has are said back', async () => {
    const session = await open();
    await session.prompt('Good morning');
    expect(session.text()).toBe('You said: Good morning');
  });

  test('exit 3: the program ends with that code while the prompt is open', async () => {
    const session = await open();
    await expect(session.prompt('message begun; exit 3')).rejects.toThrow('closed');
    expect(await session.ended).toEqual({ code: 3, signal: null });
    expect(session.text()).toBe('begun');
  });

  test('kill: the program ends by a signal', async () => {
    const session = await open();
    await expect(session.prompt('kill')).rejects.toThrow('closed');
    expect(await session.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('permissions', () => {
  test('ask: one question with the options allow and reject, and a chunk with what was chosen', async () => {
    const session = await open({ permit: async () => 'reject' });
    expect(await session.prompt('ask')).toEqual({ stopReason: 'end_turn' });
    const [asked] = session.asked;
    expect(asked?.options.map(({ optionId, kind }) => [optionId, kind])).toEqual([
      ['allow', 'allow_once'],
      ['reject', 'reject_once'],
    ]);
    expect(asked?.toolCall).toMatchObject({ toolCallId: 'asked', title: 'Go on?' });
    expect(session.text()).toBe('selected reject');
  });

  test('ask with kinds: these options', async () => {
    const session = await open();
    await session.prompt('ask allow_always reject_always');
    expect(session.asked[0]?.options.map(({ optionId }) => optionId)).toEqual(['allow_always', 'reject_always']);
  });

  test('ask-twice: two questions at a time', async () => {
    const session = await open();
    await session.prompt('ask-twice');
    expect(session.asked.map(({ toolCall }) => toolCall.toolCallId)).toEqual(['first', 'second']);
    expect(session.text()).toBe('selected allow, selected allow');
  });

  test('withdraw: the question is taken back, and the turn goes on', async () => {
    const session = await open({ permit: async () => undefined });
    expect(await session.prompt('withdraw')).toEqual({ stopReason: 'end_turn' });
    expect(session.asked).toHaveLength(1);
    expect(session.text()).not.toContain('selected');
  });

  test('withdraw FILE: the question is taken back when the file is there', async () => {
    const cue = join(await temporaryFolder(), 'cue');
    let dismiss: (chosen: undefined) => void = () => undefined;
    const session = await open({ permit: () => new Promise((resolve) => (dismiss = resolve)) });
    const answer = session.prompt(`withdraw ${cue}`);
    await vi.waitFor(() => expect(session.asked).toHaveLength(1));
    expect(session.text()).toBe('');
    await writeFile(cue, '');
    dismiss(undefined);
    expect(await answer).toEqual({ stopReason: 'end_turn' });
  });

  test('ask: a question that is open when the prompt is cancelled ends the turn when it is answered', async () => {
    let dismiss: (chosen: undefined) => void = () => undefined;
    const dismissed = new Promise<undefined>((resolve) => (dismiss = resolve));
    const session = await open({ permit: () => dismissed });
    const answer = session.prompt('ask');
    await vi.waitFor(() => expect(session.asked).toHaveLength(1));
    await session.cancel();
    dismiss(undefined);
    expect(await answer).toEqual({ stopReason: 'cancelled' });
    expect(session.text()).toBe('');
  });
});

describe('updates', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['message one', ['agent_message_chunk']],
    ['thought one', ['agent_thought_chunk']],
    ['user-message one', ['user_message_chunk']],
    ['image', ['agent_message_chunk']],
    ['link', ['agent_message_chunk']],
    ['tool', ['tool_call', 'tool_call_update', 'tool_call_update']],
    ['tool-diff', ['tool_call', 'tool_call_update', 'tool_call_update']],
    ['tool-terminal', ['tool_call', 'tool_call_update']],
    ['tool-fails', ['tool_call', 'tool_call_update']],
    ['tool-open', ['tool_call_update']],
    ['double-tool', ['tool_call', 'tool_call', 'tool_call_update']],
    ['plan', ['plan', 'plan']],
    ['usage', ['usage_update']],
    ['mode code', ['current_mode_update']],
    ['commands', ['available_commands_update']],
    ['config', ['config_option_update']],
    ['info', ['session_info_update']],
    ['notice warning Something is odd', ['notice']],
    ['compaction', ['compaction_update', 'compaction_summary_chunk', 'compaction_update']],
    ['update {"sessionUpdate":"usage_update","used":1,"size":2}', ['usage_update']],
  ];
  test.each(cases)('%s: what the SDK reads as these updates', async (words, expected) => {
    const session = await open();
    expect(await session.prompt(words)).toEqual({ stopReason: 'end_turn' });
    expect(kinds(session.updates)).toEqual(expected);
  });

  test('tool-diff, tool-terminal and tool: contents of each kind', async () => {
    const session = await open();
    await session.prompt('tool; tool-diff; tool-terminal');
    const contents = session.updates.flatMap((update) => ('content' in update ? [update.content].flat() : []));
    expect(new Set(contents.map((content) => content?.type))).toEqual(new Set(['content', 'diff', 'terminal']));
  });
});

describe('requests to the client', () => {
  const { fs, terminal } = methods.client;

  test('read and write: the file in the session folder, and the answer said back', async () => {
    const session = await open({
      cwd: '/work',
      offers: (app) =>
        app
          .onRequest(fs.readTextFile, ({ params }) => ({ content: `${params.path} ${String(params.line)}` }))
          .onRequest(fs.writeTextFile, ({ params }) => ({ _meta: { path: params.path, content: params.content } })),
    });
    await session.prompt('read notes.txt 2 5');
    expect(session.text()).toBe('{"content":"/work/notes.txt 2"}');
    await session.prompt('write ../out.txt one two');
    expect(session.text()).toContain('{"_meta":{"path":"/out.txt","content":"one two"}}');
  });

  test('a request that the client does not know is said back as its error', async () => {
    const session = await open();
    for (const words of ['read notes.txt', 'terminal ls', 'request no/such {"a":1}']) await session.prompt(words);
    expect(session.text().match(/error -32601/g)).toHaveLength(3);
  });

  test('terminal-stays: the number that the command prints, and no release', async () => {
    const outputs = ['', '12', '123\n'];
    const session = await open({
      offers: (app) =>
        void app
          .onRequest(terminal.create, () => ({ terminalId: 't' }))
          .onRequest(terminal.output, () => ({ output: outputs.shift() ?? '', truncated: false })),
    });
    expect(await session.prompt('terminal-stays')).toEqual({ stopReason: 'end_turn' });
    expect(session.text()).toBe('123');
  });

  test('terminal and terminal-kill: the requests of its whole life, the output and the end said back', async () => {
    const requests: string[] = [];
    const note = <Answer>(request: string, answer: Answer) => {
      requests.push(request);
      return answer;
    };
    const session = await open({
      offers: (app) =>
        app
          .onRequest(terminal.create, ({ params }) =>
            note(`create ${params.command} ${String(params.args)}`, { terminalId: 't' }),
          )
          .onRequest(terminal.waitForExit, () => note('wait', { exitCode: 0 }))
          .onRequest(terminal.output, () => note('output', { output: 'hello', truncated: false }))
          .onRequest(terminal.kill, () => note('kill', {}))
          .onRequest(terminal.release, () => note('release', {})),
    });
    await session.prompt('terminal echo hello you; terminal-kill sleep 9');
    expect(requests).toEqual([
      ...['create echo hello,you', 'wait', 'output', 'release'],
      ...['create sleep 9', 'kill', 'wait', 'output', 'release'],
    ]);
    expect(session.text()).toContain('{"exitCode":0,"output":"hello","truncated":false}');
  });
});

describe('what it says back', () => {
  test('a picture, and prompts without a text', async () => {
    const session = await open();
    const image: ContentBlock = { type: 'image', mimeType: 'image/png', data: 'AAAA' };
    await session.prompt([image]);
    expect(JSON.parse(session.text())).toEqual([image]);
  });

  test('what the client sent, its folder, its environment, its number, its mode', async () => {
    const session = await open({ env: { MARK: 'here' }, cwd: '/tmp' });
    expect(session.modes?.currentModeId).toBe('ask');
    await session.agent.request(calls.session.setMode, { sessionId: session.sessionId, modeId: 'code' });
    for (const words of ['said initialize', 'said session', 'folder', 'environment MARK', 'pid', 'modes'])
      await session.prompt(words);
    const said = session.updates.map((update) =>
      'content' in update && update.content && 'text' in update.content ? update.content.text : '',
    );
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ protocolVersion: 1 });
    expect(JSON.parse(said[1] ?? '')).toEqual({ cwd: '/tmp', mcpServers: [] });
    expect(JSON.parse(said[2] ?? '')).toEqual({ session: '/tmp', program: process.cwd() });
    expect(said.slice(3)).toEqual(['here', String(session.child.pid), 'code']);
  });
});
