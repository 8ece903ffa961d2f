import {
  startModelApi,
  type ModelApi,
  type ModelDialect,
  type ModelScript,
  type ModelTurn,
  type Reply,
} from './model-api.js';

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_result'; readonly content?: Content }
  | { readonly type: 'other' };
type Content = string | readonly Block[];

interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: Content }[];
  readonly tools?: readonly { readonly name: string }[];
}

const blocks = (content: Content): readonly Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

const textOf = (content: Content): string =>
  blocks(content)
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('');

/** The last message of the person that is none of the program's own reminders, and the tool's result after it. */
function questionOf({ messages, tools = [] }: MessagesRequest) {
  const users = messages.filter(({ role }) => role === 'user').flatMap(({ content }) => blocks(content));
  const isSaid = (block: Block) => block.type === 'text' && !block.text.startsWith('<system-reminder>');
  const last = users.findLastIndex(isSaid);
  const said = users[last];
  const result = users.slice(last + 1).find((block) => block.type === 'tool_result');
  return {
    said: said?.type === 'text' ? said.text : '',
    conversation: users.flatMap((block) => (block.type === 'text' ? [block.text] : [])),
    toolResult: result && textOf(result.content ?? ''),
    tools: tools.map(({ name }) => name),
  };
}

let calls = 0;
const usage = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

const contentOf = (turn: ModelTurn) => {
  if ('tool' in turn) return { type: 'tool_use', id: `toolu_${(calls += 1)}`, name: turn.tool, input: turn.input };
  return { type: 'text', text: 'endless' in turn ? turn.endless : turn.text };
};

const deltaOf = (turn: ModelTurn) =>
  'tool' in turn
    ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.input) }
    : { type: 'text_delta', text: 'endless' in turn ? turn.endless : turn.text };

const emptied = (block: ReturnType<typeof contentOf>) =>
  'input' in block ? { ...block, input: {} } : { ...block, text: '' };

async function stream(turn: ModelTurn, message: object, reply: Reply): Promise<void> {
  const send = (event: { readonly type: string; readonly [key: string]: unknown }) => reply.event(event, event.type);
  const delta = { type: 'content_block_delta', index: 0, delta: deltaOf(turn) };
  await send({ type: 'message_start', message: { ...message, content: [], stop_reason: null } });
  await send({ type: 'content_block_start', index: 0, content_block: emptied(contentOf(turn)) });
  if ('endless' in turn) return reply.endless(delta, delta.type);
  await send(delta);
  await send({ type: 'content_block_stop', index: 0 });
  const stop_reason = 'tool' in turn ? 'tool_use' : 'end_turn';
  await send({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage });
  await send({ type: 'message_stop' });
  reply.end();
}

const messagesDialect: ModelDialect = (path, body) => {
  const { pathname } = new URL(path, 'http://127.0.0.1');
  if (pathname !== '/v1/messages') return undefined;
  const request = body as MessagesRequest;
  return {
    question: questionOf(request),
    async answer(turn, reply) {
      const stop_reason = 'tool' in turn ? 'tool_use' : 'end_turn';
      const { model } = request;
      const message = {
        id: `msg_${(calls += 1)}`,
        type: 'message',
        role: 'assistant',
        model,
        stop_sequence: null,
        usage,
      };
      if (request.stream) await stream(turn, message, reply);
      else reply.json({ ...message, content: [contentOf(turn)], stop_reason });
    },
  };
};

/** The Messages API as its client programs use it, on loopback: `ANTHROPIC_BASE_URL` is its `url`, any key is right. */
export const startAnthropicApi = (script: ModelScript): Promise<ModelApi> => startModelApi(messagesDialect, script);
