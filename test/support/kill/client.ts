import type { HostProcess } from '../host-process.js';
import { sseReader } from '../sse-reader.js';
import type { ServerSentEvent } from '../sse-reader.js';
import type { Body, Told } from './answers.js';
import { claim, RuleBroken } from './claim.js';

/** Longer than any deadline that a host keeps. */
const answerMs = 30_000;

/** What only a defect or a damaged log answers: nothing here asks for it. */
const defects: readonly (string | undefined)[] = ['internal', 'log-unavailable', 'worker-moved', 'request-invalid'];

export interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks for things, while there is somebody to ask. */
export interface Client {
  readonly isOver: boolean;
  /** The whole answer, or `undefined` where nothing was told. */
  ask(path: string, question?: Question): Promise<Told | undefined>;
  /** Events as they come, until there is nobody to tell them, `signal` aborts or `take` has enough. */
  stream(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    take: (event: ServerSentEvent) => boolean,
  ): Promise<Told | undefined>;
}

/** Asks a host that may be killed at any time. */
export class HostClient implements Client {
  readonly #host: HostProcess;
  readonly #isKilled: () => boolean;

  constructor(host: HostProcess, isKilled: () => boolean) {
    this.#host = host;
    this.#isKilled = isKilled;
  }

  get isOver(): boolean {
    return this.#isKilled();
  }

  async ask(path: string, { method = 'GET', body, headers = {} }: Question = {}): Promise<Told | undefined> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(answerMs);
    const told = await this.#orKilled(path, async (): Promise<Told> => {
      const response = await this.#host.ask(path, { method, signal, headers: { ...headers, ...type }, ...content });
      const text = await response.text();
      return { status: response.status, text, body: (text ? JSON.parse(text) : {}) as Body };
    });
    claim(!defects.includes(told?.body.code), `W16, W19: ${method} ${path} is answered`, told);
    return told;
  }

  async stream(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    take: (event: ServerSentEvent) => boolean,
  ): Promise<Told | undefined> {
    return this.#orKilled(
      path,
      async () => {
        const response = await this.#host.ask(path, { headers, signal });
        if (response.status !== 200 || !response.body) {
          const text = await response.text();
          return { status: response.status, text, body: JSON.parse(text) as Body };
        }
        const reader = sseReader(response.body as ReadableStream<Uint8Array>);
        for (let event = await reader.next(); event; event = await reader.next()) if (!take(event)) break;
        await reader.cancel();
        return undefined;
      },
      signal,
    );
  }

  async #orKilled<T>(path: string, asked: () => Promise<T>, cut?: AbortSignal): Promise<T | undefined> {
    try {
      return await asked();
    } catch (cause) {
      if (cause instanceof RuleBroken) throw cause;
      if (this.#isKilled() || cut?.aborted) return undefined;
      throw new RuleBroken(`W18: ${path} is answered while the host lives: ${String(cause)}`, { cause });
    }
  }
}
