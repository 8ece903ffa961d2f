import { sseReader } from '../sse-reader.js';
import type { ServerSentEvent } from '../sse-reader.js';
import type { Body, Told } from '../kill/answers.js';
import { isAway } from '../kill/answers.js';
import type { Chance } from '../kill/chance.js';
import { claim, RuleBroken } from '../kill/claim.js';
import type { Client, Question } from '../kill/client.js';
import type { Life, SharedHost } from './shared-host.js';
import type { Trouble } from './trouble.js';

/** Longer than any deadline that hosts keep here, and than one of them is stopped. */
const answerMs = 45_000;
const paceMs = 8;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What only a defect answers: nothing here asks for it. */
const defects: readonly (string | undefined)[] = ['internal', 'request-invalid'];

export interface WaysOptions {
  readonly hosts: readonly SharedHost[];
  readonly chance: Chance;
  readonly trouble: Trouble;
}

/** Asks one of several hosts at a time, whichever it is. */
export class Ways implements Client {
  readonly isOver = false;
  readonly #of: WaysOptions;

  constructor(options: WaysOptions) {
    this.#of = options;
  }

  /** Of what a host cannot tell now only the answer to an input is told: it says whether it was done. */
  async ask(path: string, { method = 'GET', body, headers = {} }: Question = {}): Promise<Told | undefined> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const wasTroubled = this.#of.trouble.watch();
    await pause(paceMs);
    const told = await this.#orLost(`${method} ${path}`, wasTroubled, async ({ host, mark }): Promise<Told> => {
      const signal = AbortSignal.timeout(answerMs);
      const response = await host.ask(path, { method, signal, headers: { ...headers, ...type }, ...content });
      const text = await response.text();
      return { status: response.status, text, body: (text ? JSON.parse(text) : {}) as Body, by: mark };
    });
    claim(!defects.includes(told?.body.code), `W16: ${method} ${path} is answered`, told);
    if (!told || !isAway(told)) return told;
    claim(wasTroubled(), `W19: ${method} ${path} is answered where nothing is troubled`, told);
    return path.endsWith('/inputs') ? told : undefined;
  }

  async stream(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    take: (event: ServerSentEvent) => boolean,
  ): Promise<Told | undefined> {
    const wasTroubled = this.#of.trouble.watch();
    const told = await this.#orLost(
      path,
      () => wasTroubled() || signal.aborted,
      async ({ host }) => {
        const response = await host.ask(path, { headers, signal });
        if (response.status !== 200 || !response.body) {
          const text = await response.text();
          return { status: response.status, text, body: JSON.parse(text) as Body };
        }
        const reader = sseReader(response.body as ReadableStream<Uint8Array>);
        for (let event = await reader.next(); event; event = await reader.next()) if (!take(event)) break;
        await reader.cancel();
        return undefined;
      },
    );
    if (!told || !isAway(told)) return told;
    claim(wasTroubled(), `W19: ${path} is answered where nothing is troubled`, told);
    return undefined;
  }

  #choose(): Life | undefined {
    const { hosts, chance } = this.#of;
    const living = hosts.filter(({ life }) => life !== undefined);
    const awake = living.filter(({ isStopped }) => !isStopped);
    return (chance.happens(0.02) ? chance.pick(living) : chance.pick(awake))?.life;
  }

  async #orLost<T>(path: string, isTroubled: () => boolean, asked: (life: Life) => Promise<T>): Promise<T | undefined> {
    const life = this.#choose();
    if (!life) return undefined;
    try {
      return await asked(life);
    } catch (cause) {
      if (cause instanceof RuleBroken) throw cause;
      const isHanging = (cause as Error).name === 'TimeoutError';
      if (life.isOver || (isTroubled() && !isHanging)) return undefined;
      throw new RuleBroken(`W18: ${path} is answered while the host lives: ${String(cause)}`, { cause });
    }
  }
}
