import type { StreamEndCode } from '../../../domain/codes.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import { rejected } from '../../../domain/outcome.js';
import type { SocketRequest } from '../../../protocol/browser-socket.js';
import { socketCloseCodes, socketRequestSchema } from '../../../protocol/browser-socket.js';
import type { Admitted } from '../edge/access.js';
import { admission } from '../edge/admission.js';
import type { Edge } from '../edge/edge.js';
import { defect } from '../edge/problem.js';
import { Pulse } from '../edge/pulse.js';

import type { Incoming } from './inbox.js';
import { Inbox } from './inbox.js';
import type { Message } from './messages.js';
import { pong, problem } from './messages.js';
import type { Lane } from './outbox.js';
import { Outbox } from './outbox.js';
import type { SocketListener, SocketPeer } from './socket-peer.js';
import { Subscriptions } from './subscriptions.js';

type CloseName = keyof typeof socketCloseCodes;

/** How long the other side may take to answer a close. */
const closeMs = 5_000;

const nothing = (): void => undefined;

function parse(message: Incoming): SocketRequest | undefined {
  if (message === undefined) return undefined;
  try {
    return socketRequestSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

/** One socket of a client, from its first message to its close. Knows nothing of what carries it. */
export class SocketSession implements SocketListener {
  readonly #peer: SocketPeer;
  readonly #edge: Edge;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #subscriptions: Subscriptions;
  readonly #pulse: Pulse;
  /** What is said of no subscription. */
  readonly #lane: Lane = { messages: [], drained: nothing };
  /** Aborts when nobody waits for an admission any more; there while one is awaited. */
  #left: AbortController | undefined;
  #entered: Promise<void> | undefined;
  #admitted: Admitted | undefined;
  /** Nothing more is taken; what was said is sent, then the socket closes. */
  #isClosing = false;
  #stopWaiting = nothing;
  #forget = nothing;
  #giveBack = nothing;

  constructor(peer: SocketPeer, edge: Edge) {
    const { clock, options } = edge;
    this.#peer = peer;
    this.#edge = edge;
    this.#pulse = new Pulse(options, {
      clock,
      ping: () => peer.ping(),
      isWaiting: () => !this.#outbox.isEmpty,
      slow: () => this.#cut(),
    });
    this.#outbox = new Outbox(peer, {
      inFlightBytes: options.inFlightBytes,
      moved: () => this.#pulse.moved(),
    });
    this.#subscriptions = new Subscriptions({
      edge,
      outbox: this.#outbox,
      refuse: (refusal, id) => this.#tell(refusal, id),
    });
    this.#inbox = new Inbox({
      handle: (message) => this.#handle(message).catch((error: unknown) => this.#fail(error)),
      pause: () => peer.pause(),
      resume: () => peer.resume(),
    });
    this.#watch(undefined);
    this.#begin();
  }

  received(message: Incoming): void {
    this.pong();
    this.#inbox.put(message);
  }

  /** To one that is to be closed nothing counts but that it takes what was said. */
  pong(): void {
    if (!this.#isClosing) this.#pulse.moved();
  }

  closed(): void {
    this.#takeNoMore();
    this.#release();
    this.#giveBack();
  }

  /** Where nobody has to say who they are, everybody has come in. */
  #begin(): void {
    const { clock, options, strangers, needsToken } = this.#edge;
    if (this.#isClosing) return;
    if (needsToken) {
      const inTime = clock.after(options.authenticateMs, () => this.#closeAfterLast('unauthenticated'));
      const known = strangers.add(() => this.#drop());
      this.#stopWaiting = () => {
        inTime();
        known();
      };
    } else this.#entered = this.#enter(undefined).catch((error: unknown) => this.#fail(error));
  }

  async #handle(message: Incoming): Promise<void> {
    await this.#entered;
    await this.#outbox.room();
    if (this.#isClosing) return;
    const request = parse(message);
    if (this.#admitted) return this.#serve(request, this.#admitted);
    if (request?.type !== 'authenticate') return this.#closeAfterLast('unauthenticated');
    this.#stopWaiting();
    await this.#enter(request.token);
  }

  async #enter(token: string | undefined): Promise<void> {
    this.#left = new AbortController();
    const admitted = await admission(token, this.#edge, this.#left.signal);
    this.#left = undefined;
    if (this.#isClosing) return;
    if (!admitted) return this.#closeAfterLast('unauthenticated');
    const giveBack = this.#edge.quota.takeStream(admitted.principalId);
    if (!giveBack) return this.#closeAfterLast('quota-exceeded');
    this.#giveBack = giveBack;
    this.#admitted = admitted;
    this.#watch(admitted.revoked);
  }

  async #serve(request: SocketRequest | undefined, admitted: Admitted): Promise<void> {
    switch (request?.type) {
      case 'subscribe':
        return this.#subscriptions.subscribe(request, admitted);
      case 'unsubscribe':
        return this.#subscriptions.unsubscribe(request.id);
      case 'ping':
        return this.#say(pong);
      case 'authenticate':
        if (this.#edge.needsToken) this.#tell(rejected('request-invalid'));
        return;
      case undefined:
        return this.#tell(rejected('request-invalid'));
    }
  }

  #tell(refusal: Rejected | Errored, id?: string): void {
    this.#say(problem(refusal, id));
  }

  #say(message: Message): void {
    this.#outbox.say(this.#lane, message);
  }

  /** Ends with the server, and with the credential where there is one. */
  #watch(revoked: AbortSignal | undefined): void {
    this.#forget();
    this.#forget = this.#edge.streams.add((code) => this.#end(code), revoked);
  }

  #end(code: StreamEndCode): void {
    this.#subscriptions.end(code);
    this.#closeAfterLast(code === 'revoked' ? 'revoked' : 'server-draining');
  }

  #fail(error: unknown): void {
    if (this.#isClosing) return;
    this.#subscriptions.leave();
    this.#tell(defect('no', this.#edge.reportDefect(error)));
    this.#closeAfterLast('internal');
  }

  /** Closes when all has been said. */
  #closeAfterLast(name: CloseName): void {
    if (this.#isClosing) return;
    this.#takeNoMore();
    this.#outbox.finish(() => this.#close(name));
  }

  /** For a client that takes nothing: what waits for it is thrown away. */
  #cut(): void {
    this.#takeNoMore();
    this.#release();
    this.#close('slow-consumer');
    this.#peer.terminate();
  }

  /** For one too many of those that have not said who they are: nothing is owed to it. */
  #drop(): void {
    this.#takeNoMore();
    this.#release();
    this.#peer.terminate();
  }

  #close(name: CloseName): void {
    this.#pulse.stop();
    this.#stopWaiting = this.#edge.clock.after(closeMs, () => this.#peer.terminate());
    this.#peer.close(socketCloseCodes[name], name);
  }

  #takeNoMore(): void {
    this.#isClosing = true;
    this.#stopWaiting();
    this.#left?.abort(new Error('nobody waits any more'));
    this.#inbox.close();
  }

  #release(): void {
    this.#pulse.stop();
    this.#forget();
    this.#outbox.close();
    this.#subscriptions.leave();
  }
}
