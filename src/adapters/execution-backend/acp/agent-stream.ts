import type { Readable, Writable } from 'node:stream';

import type { AnyMessage } from '@agentclientprotocol/sdk';

import { turn } from '../../../ports/clock.js';
import { lineSplitter } from '../process/line-splitter.js';

/** Of one message of an agent, in characters. */
const maxLineCharacters = 8 * 1024 * 1024;
/** Of that one in bytes, at the most. */
const maxLineBytes = 4 * maxLineCharacters;

/** How many requests of an agent may be unanswered. */
const maxUnanswered = 64;

/** A message of an agent, as far as it is looked at here. */
interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

export interface AgentStreamOptions {
  /** What the agent writes. */
  readonly output: Readable;
  /** What the agent reads. */
  readonly input: Writable;
  /** An update of a session. The next message is read when it has settled: who waits in it slows the agent down. */
  readonly onUpdate: (params: unknown) => Promise<void>;
  /** A line that is no message. */
  readonly onNoise: (line: string) => void;
  /** It does what no agent may: nothing more is read. */
  readonly onViolation: (what: string) => void;
}

export interface AgentStream {
  readonly readable: ReadableStream<AnyMessage>;
  readonly writable: WritableStream<AnyMessage>;
  /** Resolves when a message with this method is with the operating system; rejects where it cannot be written. */
  written(method: string): Promise<void>;
  /** Resolves when everything was read and handed on. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * An agent's pipes as the messages of its peer. Updates are taken out and handed on in their order, one after the
 * other; so an answer is seen only after the updates that were written before it. Answers that nobody waits for and
 * notifications that nobody knows are dropped.
 */
export function agentStream(options: AgentStreamOptions): AgentStream {
  const { input, onUpdate } = options;
  const asked = new Set<unknown>();
  let unanswered = 0;
  const sent = new SentMessages(input);
  let controller: ReadableStreamDefaultController<AnyMessage> | undefined;
  const readable = new ReadableStream<AnyMessage>({
    start(given) {
      controller = given;
    },
  });

  const take = async (message: Message): Promise<void> => {
    const { method, id, params } = message;
    if (method === 'session/update' && id === undefined) return onUpdate(params);
    if (method === undefined && !asked.delete(id)) return;
    if (method !== undefined && id === undefined && method !== '$/cancel_request') return;
    if (method !== undefined && id !== undefined) unanswered += 1;
    if (unanswered > maxUnanswered) throw new Violation('it asks more than is answered');
    // The peer checks the rest.
    controller?.enqueue(message as AnyMessage);
    // What follows from it is said before the next message is looked at.
    await turn();
  };

  return {
    readable,
    writable: new WritableStream<AnyMessage>({
      async write(message) {
        if (!('method' in message)) unanswered -= 1;
        else if ('id' in message) asked.add(message.id);
        await sent.write(message);
      },
    }),
    written: (method) => sent.written(method),
    ended: read(options, take),
  };
}

class Violation extends Error {}

async function read(options: AgentStreamOptions, take: (message: Message) => Promise<void>): Promise<void> {
  const { output, onNoise, onViolation } = options;
  const lines: (string | undefined)[] = [];
  const splitter = lineSplitter(maxLineCharacters, (line, truncated) => lines.push(truncated ? undefined : line));
  let unbroken = 0;
  try {
    for await (const chunk of output) {
      splitter.push(chunk as Buffer);
      unbroken = lines.length > 0 ? 0 : unbroken + (chunk as Buffer).length;
      if (unbroken > maxLineBytes) throw new Violation('a line of its has no end');
      for (const line of lines.splice(0)) {
        if (line === undefined) throw new Violation(`a line of its is longer than ${maxLineCharacters} characters`);
        const message = messageIn(line);
        if (message) await take(message);
        else if (line.trim() !== '') onNoise(line);
      }
    }
  } catch (cause) {
    // A pipe that fails has ended: how the program ended is told with its exit.
    if (cause instanceof Violation) onViolation(cause.message);
  }
}

function messageIn(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes messages one after the other, and tells when one is written. */
class SentMessages {
  readonly #input: Writable;
  readonly #waiting = new Map<string, { readonly resolve: () => void; readonly reject: (cause: unknown) => void }>();

  constructor(input: Writable) {
    this.#input = input;
  }

  written(method: string): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(method, { resolve, reject }));
  }

  async write(message: AnyMessage): Promise<void> {
    const method = 'method' in message ? message.method : '';
    const waiting = this.#waiting.get(method);
    this.#waiting.delete(method);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#input.write(`${JSON.stringify(message)}\n`, (error) => {
          // Of a write that a destroyed pipe gave up no error is told.
          if (error || this.#input.destroyed) reject(error ?? new Error('the pipe to the agent is closed'));
          else resolve();
        });
      });
      waiting?.resolve();
    } catch (cause) {
      waiting?.reject(cause);
      throw cause;
    }
  }
}
