/** A picture of one transparent point. */
const point = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const text = (text) => ({ type: 'text', text });
const chunk = (sessionUpdate) => (turn, rest) => turn.update({ sessionUpdate, content: text(rest) });
const fixed = (update) => (turn) => turn.update(update);

/** One tool call from its beginning to its end, with what it tells between. */
const toolCall =
  (call, ...changes) =>
  async (turn) => {
    await turn.update({ sessionUpdate: 'tool_call', status: 'pending', ...call });
    const { toolCallId } = call;
    for (const change of changes) await turn.update({ sessionUpdate: 'tool_call_update', toolCallId, ...change });
  };

const content = (said) => ({ type: 'content', content: text(said) });
const diff = { type: 'diff', path: '/work/notes.txt', oldText: 'one\n', newText: 'one\ntwo\n' };
const newFile = { type: 'diff', path: '/work/new.txt', newText: 'new\n' };
const entry = (content, status, priority = 'medium') => ({ content, status, priority });
const hostileIds = ['', ' ', '../../etc/passwd', '<img src=x onerror=alert(1)>', 'a'.repeat(4096), 'naïve\u0000\n'];

/** Words that tell one update each, and `update JSON` for whatever they do not know. */
export const updateWords = {
  update: (turn, rest) => turn.update(JSON.parse(rest)),
  message: chunk('agent_message_chunk'),
  thought: chunk('agent_thought_chunk'),
  'user-message': chunk('user_message_chunk'),
  image: fixed({
    sessionUpdate: 'agent_message_chunk',
    content: { type: 'image', mimeType: 'image/png', data: point },
  }),
  link: fixed({
    sessionUpdate: 'agent_message_chunk',
    content: { type: 'resource_link', name: 'notes.txt', uri: 'file:///work/notes.txt' },
  }),
  tool: toolCall(
    { toolCallId: 'call-text', title: 'Read notes.txt', kind: 'read', rawInput: { path: '/work/notes.txt' } },
    { status: 'in_progress' },
    { status: 'completed', content: [content('one')], rawOutput: { lines: 1 } },
  ),
  'tool-diff': toolCall(
    {
      toolCallId: 'call-diff',
      title: 'Edit notes.txt',
      kind: 'edit',
      locations: [{ path: '/work/notes.txt', line: 2 }],
    },
    { title: 'Edit notes.txt and new.txt', content: [diff, newFile] },
    { status: 'completed' },
  ),
  'tool-terminal': toolCall(
    {
      toolCallId: 'call-terminal',
      title: 'ls',
      kind: 'execute',
      content: [{ type: 'terminal', terminalId: 'term-1' }],
    },
    { status: 'completed' },
  ),
  'tool-fails': toolCall(
    { toolCallId: 'call-fails', title: 'rm notes.txt', kind: 'delete' },
    { status: 'failed', content: [content('no such file')] },
  ),
  /** One that is told by an update first, and never ends. */
  'tool-open': (turn) =>
    turn.update({
      sessionUpdate: 'tool_call_update',
      toolCallId: 'call-open',
      title: 'Goes on',
      status: 'in_progress',
    }),
  async 'double-tool'(turn) {
    const call = {
      sessionUpdate: 'tool_call',
      toolCallId: 'call-double',
      title: 'Twice',
      kind: 'other',
      status: 'completed',
    };
    await turn.update(call);
    await turn.update(call);
    await turn.update({ sessionUpdate: 'tool_call_update', toolCallId: 'call-double', status: 'in_progress' });
  },
  async 'hostile-tools'(turn) {
    for (const toolCallId of hostileIds)
      await toolCall({ toolCallId, title: 'Hostile', kind: 'other' }, { status: 'completed' })(turn);
  },
  async plan(turn) {
    const first = [entry('Read the notes', 'in_progress', 'high'), entry('Write them anew', 'pending', 'low')];
    const second = [entry('Read the notes', 'completed', 'high'), entry('Write them anew', 'in_progress', 'low')];
    for (const entries of [first, second]) await turn.update({ sessionUpdate: 'plan', entries });
  },
  usage: fixed({ sessionUpdate: 'usage_update', used: 1200, size: 200_000, cost: { amount: 0.25, currency: 'USD' } }),
  mode: (turn, rest) => turn.update({ sessionUpdate: 'current_mode_update', currentModeId: rest || 'code' }),
  commands: fixed({
    sessionUpdate: 'available_commands_update',
    availableCommands: [{ name: 'review', description: 'Reviews what was changed' }],
  }),
  config: fixed({ sessionUpdate: 'config_option_update', configOptions: [] }),
  info: fixed({ sessionUpdate: 'session_info_update', title: 'Notes' }),
  /** `notice SEVERITY TITLE` */
  notice(turn, rest) {
    const [severity, ...title] = rest.split(' ');
    return turn.update({ sessionUpdate: 'notice', severity, title: title.join(' '), description: 'In other words' });
  },
  async compaction(turn) {
    const compactionId = 'compaction-1';
    await turn.update({ sessionUpdate: 'compaction_update', compactionId, status: 'in_progress' });
    await turn.update({ sessionUpdate: 'compaction_summary_chunk', compactionId, content: text('Notes were read') });
    await turn.update({ sessionUpdate: 'compaction_update', compactionId, status: 'completed' });
  },
  unknown: fixed({ sessionUpdate: 'weather_update', sky: 'clear' }),
};
