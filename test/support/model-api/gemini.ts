import {
  startModelApi,
  type ModelApi,
  type ModelDialect,
  type ModelScript,
  type ModelTurn,
  type Reply,
} from './model-api.js';

interface GeminiPart {
  readonly text?: string;
  readonly functionCall?: { readonly name: string };
  readonly functionResponse?: { readonly response?: unknown };
}

interface GenerateRequest {
  readonly contents: readonly { readonly role?: string; readonly parts?: readonly GeminiPart[] }[];
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
}

/** The last text of the person, and the function's response after it. */
function questionOf({ contents, tools = [] }: GenerateRequest) {
  const users = contents.filter(({ role }) => role !== 'model').flatMap(({ parts = [] }) => parts);
  const last = users.findLastIndex(({ text }) => text !== undefined);
  const result = users.slice(last + 1).find(({ functionResponse }) => functionResponse);
  return {
    said: users[last]?.text ?? '',
    conversation: users.flatMap(({ text }) => (text === undefined ? [] : [text])),
    toolResult: result && JSON.stringify(result.functionResponse?.response),
    tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name)),
  };
}

const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };

function partOf(turn: ModelTurn) {
  if ('tool' in turn) return { functionCall: { name: turn.tool, args: turn.input } };
  return { text: 'endless' in turn ? turn.endless : turn.text };
}

const chunk = (turn: ModelTurn, finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: [partOf(turn)] }, ...(finishReason && { finishReason }) }],
  usageMetadata,
});

async function stream(turn: ModelTurn, reply: Reply): Promise<void> {
  if ('endless' in turn) return reply.endless(chunk(turn));
  await reply.event(chunk(turn, 'STOP'));
  reply.end();
}

const generateDialect: ModelDialect = (path, body) => {
  const method = /^\/v1(?:beta)?\/models\/[^:?]+:(\w+)/.exec(path)?.[1];
  if (method === 'countTokens') {
    return {
      question: { said: '', conversation: [], tools: [] },
      answer: async (_, reply) => reply.json({ totalTokens: 10 }),
    };
  }
  if (method !== 'streamGenerateContent' && method !== 'generateContent') return undefined;
  return {
    question: questionOf(body as GenerateRequest),
    async answer(turn, reply) {
      if (method === 'streamGenerateContent') await stream(turn, reply);
      else reply.json(chunk(turn, 'STOP'));
    },
  };
};

/** The Gemini API as its client programs use it, on loopback: `GOOGLE_GEMINI_BASE_URL` is its `url`, any key is right. */
export const startGeminiApi = (script: ModelScript): Promise<ModelApi> => startModelApi(generateDialect, script);
