import { ackParams, initializeParams, protocolVersion, shutdownParams } from '../../../protocol/ebp.js';
import { faulted } from './author.js';
import type { SharedKey } from './challenge.js';
import { Challenge } from './challenge.js';
import { watchPeer } from './heartbeat.js';
import type { WireLimits } from './limits.js';
import { smallerLimits } from './limits.js';
import type { RequestId } from './messages.js';
import { Peer } from './peer.js';
import type { Answered } from './served-lifecycle.js';
import { ServedLink } from './served-link.js';
import type { Perform } from './served-requests.js';
import { workerMethods } from './served-requests.js';
import type { ServedWorkers } from './served-workers.js';
import type { WireTransport } from './transport.js';
import { WireError } from './wire-error.js';

export interface ServedConnectionOptions {
  readonly limits: WireLimits;
  /** Until the host has said `initialize`. */
  readonly handshakeMs: number;
  /** How long executions are held without a host at most. */
  readonly graceMs: number;
  readonly name: { readonly name: string; readonly version: string };
  readonly keys?: readonly SharedKey[] | undefined;
  readonly heartbeat?: boolean | undefined;
  readonly onOpen?: ((owner: string | undefined) => void) | undefined;
}

/** Bytes of a line of somebody who has not shown a key. */
const maxStrangerLineBytes = 4096;
/** More requests than any host has unanswered. */
const maxUnanswered = 65_536;

/** Whom an answer is of, and where it goes. */
interface Addressed extends Omit<NonNullable<ReturnType<Perform>>, 'answered'> {
  readonly link: ServedLink;
}

/** One connection of a host: says nothing before it is asked, then performs requests and sends events. */
export class ServedConnection {
  readonly #workers: ServedWorkers;
  readonly #options: ServedConnectionOptions;
  readonly #peer: Peer;
  readonly #challenge: Challenge | undefined;
  #link: ServedLink | undefined;
  #unanswered = 0;

  constructor(transport: WireTransport, workers: ServedWorkers, options: ServedConnectionOptions) {
    this.#workers = workers;
    this.#options = options;
    this.#challenge = options.keys && new Challenge(options.keys);
    this.#peer = new Peer(transport, {
      maxLineBytes: this.#challenge ? maxStrangerLineBytes : options.limits.maxLineBytes,
      isSilent: this.#challenge !== undefined,
      logger: workers.logger,
      handler: {
        request: (id, method, params) => this.#onRequest(id, method, params),
        notification: (method, params) => this.#onNotification(method, params),
      },
    });
  }

  /** Resolves with the reason when the connection has ended. */
  async run(): Promise<WireError> {
    const cancel = this.#workers.clock.after(this.#options.handshakeMs, () => {
      if (!this.#link) this.#peer.close();
    });
    this.#peer.start();
    const end = await this.#peer.closed;
    cancel();
    if (this.#link) this.#workers.release(this.#link);
    return end;
  }

  close(): void {
    this.#peer.close();
  }

  #onRequest(id: RequestId, method: string, params: unknown): void {
    const link = this.#link;
    if (!link) {
      if (this.#challenge && !this.#challenge.proven) this.#onStranger(this.#challenge, id, method, params);
      else if (method === 'initialize') this.#initialize(id, params);
      else this.#peer.violation('message-before-initialize');
      return;
    }
    if (this.#unanswered >= maxUnanswered) return this.#peer.violation('too-many-requests');
    const perform = workerMethods.get(method);
    if (perform) this.#perform(id, perform(this.#workers, params, link), link);
    else if (method === 'shutdown') this.#shutdown(id, params, link);
    else this.#peer.refuse(id, 'method-not-found');
  }

  /** Whoever fails is told nothing: all failures look alike. */
  #onStranger(challenge: Challenge, id: RequestId, method: string, params: unknown): void {
    const result = challenge.answer(method, params);
    if (!result) return this.#peer.close(new WireError('unauthorized'));
    this.#send(id, result);
    if (challenge.proven) this.#peer.trust();
  }

  /** For results of which it is known that they fit. */
  #send(id: RequestId, result: object): void {
    const line = this.#peer.answerLine(id, result);
    if (line !== undefined) this.#peer.answer(line);
  }

  #perform(id: RequestId, request: ReturnType<Perform>, link: ServedLink): void {
    if (!request) return this.#peer.refuse(id, 'invalid-params');
    this.#unanswered += 1;
    void this.#respond(id, request, link);
  }

  async #respond(id: RequestId, request: NonNullable<ReturnType<Perform>>, link: ServedLink): Promise<void> {
    try {
      this.#answer(id, await request.answered, { ...request, link });
    } catch (cause) {
      this.#fail(id, cause);
    } finally {
      this.#unanswered -= 1;
    }
  }

  #answer(id: RequestId, answered: Answered<object>, { workerId, isOpening, link }: Addressed): void {
    const { result, after, afterwards: onSent = () => undefined } = answered;
    const line = this.#peer.answerLine(id, result) ?? this.#peer.answerLine(id, faulted) ?? '';
    const worker = workerId && this.#workers.get(workerId);
    if (worker) return worker.stream.answer(link, line, { isOpening, onSent, after });
    this.#peer.answer(line);
    onSent();
  }

  #fail(id: RequestId, cause: unknown): void {
    this.#workers.logger.error('a request failed in the serving end', { cause });
    this.#send(id, faulted);
  }

  #initialize(id: RequestId, params: unknown): void {
    const parsed = initializeParams.safeParse(params);
    if (!parsed.success) return this.#peer.violation('initialize-invalid');
    if (!parsed.data.protocolVersions.includes(protocolVersion)) {
      this.#peer.refuse(id, 'unsupported-version', { supported: [protocolVersion] });
      return;
    }
    const limits = smallerLimits(this.#options.limits, parsed.data.limits);
    const graceMs = Math.min(parsed.data.graceMs ?? 0, this.#options.graceMs);
    this.#send(id, { protocolVersion, backend: this.#options.name, limits });
    this.#peer.open(limits.maxLineBytes);
    const { heartbeat, onOpen = () => undefined } = this.#options;
    const owner = this.#challenge?.proven?.id;
    this.#link = new ServedLink(this.#peer, { limits, graceMs, owner });
    if (heartbeat) watchPeer(this.#peer, this.#workers.clock, this.#workers.logger);
    onOpen(owner);
  }

  #shutdown(id: RequestId, params: unknown, link: ServedLink): void {
    const parsed = shutdownParams.safeParse(params ?? {});
    if (!parsed.success) return this.#peer.refuse(id, 'invalid-params');
    void this.#workers.stopAll(parsed.data.graceMs ?? 0, link).then(() => this.#send(id, {}));
  }

  #onNotification(method: string, params: unknown): boolean {
    const link = this.#link;
    if (!link) {
      this.#peer.violation('message-before-initialize');
      return true;
    }
    if (method === 'initialized') return true;
    if (method !== '$/ack') return false;
    const parsed = ackParams.safeParse(params);
    if (parsed.success) this.#workers.acknowledge(parsed.data, link);
    else this.#peer.violation('ack-invalid');
    return true;
  }
}
