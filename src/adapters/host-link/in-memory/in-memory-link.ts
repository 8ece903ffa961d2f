import type { Json } from '../../../domain/ids.js';
import { abortable } from '../../../ports/abort.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import type { HostAnswerer, HostLink, HostReply } from '../../../ports/host-link.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';

export interface InMemoryLinksOptions {
  /** How many bytes of JSON a request or an answer may have. 1 MiB. */
  readonly maxBytes?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** The link of one host of several in one process, with ways to trouble it. */
export interface InMemoryLink extends HostLink {
  /** Takes it apart from all others: what is under way is broken. */
  cut(): void;
  join(): void;
  /** Stops it, as a process is stopped: what is asked of it waits. */
  pause(): void;
  resume(): void;
}

interface Served {
  readonly link: Link;
  readonly answerer: HostAnswerer;
}

type Hosts = Map<HostId, Served>;

const broken = (message: string): HostReply => ({ outcome: 'broken', cause: new Error(message) });
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

class Link implements InMemoryLink {
  readonly #hosts: Hosts;
  readonly #maxBytes: number;
  readonly #logger: Logger;
  readonly #waiting: (() => void)[] = [];
  readonly #breaks = new Set<(reply: HostReply) => void>();
  #isCut = false;
  #isPaused = false;
  #isClosed = false;

  constructor(hosts: Hosts, maxBytes: number, logger: Logger) {
    this.#hosts = hosts;
    this.#maxBytes = maxBytes;
    this.#logger = logger;
  }

  async serve(hostId: HostId, answerer: HostAnswerer): Promise<() => void> {
    if (this.#isClosed) throw new Error('the link of this host is closed');
    const served = { link: this, answerer };
    this.#hosts.set(hostId, served);
    return () => {
      if (this.#hosts.get(hostId) === served) this.#hosts.delete(hostId);
    };
  }

  async ask(hostId: HostId, request: Json, { signal }: CallContext): Promise<HostReply> {
    signal.throwIfAborted();
    await abortable(this.#going(), signal);
    const text = JSON.stringify(request);
    if (this.#isCut || this.#isClosed) return broken('there is no way to the others');
    if (bytesOf(text) > this.#maxBytes) return broken(`the request has more than ${this.#maxBytes} bytes`);
    const served = this.#hosts.get(hostId);
    if (!served || served.link.#isCut) return { outcome: 'absent' };
    const asked = served.link.#unbroken(this.#unbroken(served.link.#answer(served.answerer, text)));
    const reply = await abortable(asked, signal);
    await abortable(this.#going(), signal);
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const [id, { link }] of [...this.#hosts]) if (link === this) this.#hosts.delete(id);
    this.#break('the link of a host is closed');
    this.resume();
  }

  cut(): void {
    this.#isCut = true;
    this.#break('the way to the other host broke');
  }

  join(): void {
    this.#isCut = false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  #break(message: string): void {
    for (const end of [...this.#breaks]) end(broken(message));
  }

  #unbroken(asked: Promise<HostReply>): Promise<HostReply> {
    return new Promise((resolve) => {
      this.#breaks.add(resolve);
      void asked.then(resolve).finally(() => this.#breaks.delete(resolve));
    });
  }

  #going(): Promise<void> {
    return this.#isPaused ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  /** Never rejects. */
  async #answer(answerer: HostAnswerer, text: string): Promise<HostReply> {
    await this.#going();
    try {
      const answer = JSON.stringify(await answerer(JSON.parse(text) as Json));
      if (bytesOf(answer) > this.#maxBytes) return broken(`the answer has more than ${this.#maxBytes} bytes`);
      return { outcome: 'answered', answer: JSON.parse(answer) as Json };
    } catch (cause) {
      this.#logger.error('what another host asked was not answered', { cause });
      return broken('the other host has failed to answer: its log says why');
    }
  }
}

/** Hosts of one process that ask one another: each call makes the link of one more. For tests of what several hosts do. */
export function inMemoryLinks(options: InMemoryLinksOptions = {}): () => InMemoryLink {
  const { maxBytes = 1024 * 1024, logger = nullLogger } = options;
  const hosts: Hosts = new Map();
  return () => new Link(hosts, maxBytes, logger);
}
