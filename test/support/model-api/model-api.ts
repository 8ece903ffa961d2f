import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { textOf } from '../programs.js';

/** What a model answers: a text, a call of one of the tools it was offered, or text until nobody reads any more. */
export type ModelTurn =
  | { readonly text: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly endless: string };

/** What a model is asked: what the person said last, and the result of the tool call that came after it. */
export interface ModelQuestion {
  readonly said: string;
  /** All that the person has said in this conversation, and what the program says in the person's name. */
  readonly conversation: readonly string[];
  readonly toolResult?: string | undefined;
  /** The tools that it may call. Without any it is a question of the program's own, such as for a title. */
  readonly tools: readonly string[];
}

export type ModelScript = (question: ModelQuestion) => ModelTurn;

export interface ModelApi extends AsyncDisposable {
  /** Below 127.0.0.1. */
  readonly url: string;
  /** Method and path of every request so far. */
  readonly requests: readonly string[];
  /** Every question so far. */
  readonly questions: readonly ModelQuestion[];
  /** How many endless answers are being given now. */
  endless(): number;
}

/** Reads the question out of a request, and answers it; `undefined` where the path is none of this API. */
export type ModelDialect = (
  path: string,
  body: unknown,
) => { readonly question: ModelQuestion; answer(turn: ModelTurn, reply: Reply): Promise<void> } | undefined;

/** The answer to one request. */
export interface Reply {
  json(body: unknown): void;
  /** One event of a stream; waits until there is room. `false` where nobody reads any more. */
  event(data: unknown, name?: string): Promise<boolean>;
  end(): void;
  /** Sends the event again and again until nobody reads. */
  endless(data: unknown, name?: string): Promise<void>;
}

const pauseMs = 20;
const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));

function replyOn(response: ServerResponse, count: (change: number) => void): Reply {
  const gone = () => response.destroyed || response.writableEnded;
  const event = async (data: unknown, name?: string) => {
    if (gone()) return false;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const room = response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`);
    if (!room) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    return !gone();
  };
  return {
    event,
    json(body) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    },
    end: () => void response.end(),
    async endless(data, name) {
      count(1);
      while (await event(data, name)) await pause();
      count(-1);
    },
  };
}

/** An API of a model on 127.0.0.1 that answers what a script says, in one dialect. Dispose it: it cuts what is open. */
export async function startModelApi(dialect: ModelDialect, script: ModelScript): Promise<ModelApi> {
  const requests: string[] = [];
  const questions: ModelQuestion[] = [];
  let open = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    requests.push(`${request.method ?? ''} ${path}`);
    const text = await textOf(request);
    const asked = dialect(path, text === '' ? undefined : (JSON.parse(text) as unknown));
    if (asked === undefined) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    questions.push(asked.question);
    await asked.answer(
      script(asked.question),
      replyOn(response, (change) => (open += change)),
    );
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    questions,
    endless: () => open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
