import type { RejectedCode } from '../../../domain/codes.js';
import type { Frame, WorkerRef } from '../../../ports/browser-gateway.js';
import type { SocketMessage, SocketRequest } from '../../../protocol/browser-socket.js';

import { apiUrl } from './http.js';
import { problemFrame } from './transport.js';
import type { BrowserClientOptions, Context, SocketLike } from './options.js';
import { cut } from './paths.js';
import { Subscription } from './subscription.js';

export type SocketConstructor = NonNullable<BrowserClientOptions['WebSocket']>;

/** What a close code tells those who watch. One that is missing says that the connection was lost. */
const refusalByClose: Readonly<Record<number, RejectedCode>> = { 4001: 'unauthenticated', 1013: 'quota-exceeded' };
function lastFrame(code: number | undefined): Frame | undefined {
  if (code === 4003) return { type: 'end', code: 'revoked' };
  const refusal = refusalByClose[code ?? 0];
  return refusal && problemFrame({ outcome: 'rejected', code: refusal });
}

/** The address of the socket. Browsers of 2023 take no other scheme than these. */
function socketUrl(context: Context): string {
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  return new URL(apiUrl(context, '/socket'), location?.href).href.replace(/^http/, 'ws');
}

/** One WebSocket `workport.v1`, from its handshake to its close. */
export class SocketConnection {
  readonly #context: Context;
  readonly #closed: () => void;
  /** By the id under which the host knows them. */
  readonly #live = new Map<string, Subscription>();
  /** Those that are read, also where the host has said all. */
  readonly #readers = new Set<Subscription>();
  /** What is to be said once it is open. */
  #unsaid: SocketRequest[] | undefined = [];
  #socket: SocketLike | undefined;
  #isOver = false;
  #isHeard = false;
  #stopTicking = (): void => undefined;
  #stopIdling = (): void => undefined;
  #lastId = 0;

  /** `closed` is called when it takes no more subscriptions. */
  constructor(context: Context, WebSocket: SocketConstructor, closed: () => void) {
    this.#context = context;
    this.#closed = closed;
    this.#tick(0);
    this.#connect(WebSocket).catch(() => this.#end());
  }

  subscribe({ runtimeId, workerId }: WorkerRef, after: string | undefined): Subscription {
    const id = `s${(this.#lastId += 1)}`;
    const takeBack = this.#context.clock.after(this.#context.silenceMs, () => subscription.expire());
    const subscription = new Subscription(
      () => this.#live.delete(id) && this.#say({ type: 'unsubscribe', id }),
      () => {
        takeBack();
        this.#release(subscription);
      },
    );
    this.#readers.add(subscription);
    this.#live.set(id, subscription);
    const from = after !== undefined && { after: cut(after) };
    this.#say({ type: 'subscribe', id, runtimeId: cut(runtimeId), workerId: cut(workerId), ...from });
    return subscription;
  }

  close(): void {
    this.#end();
  }

  async #connect(WebSocket: SocketConstructor): Promise<void> {
    const token = await this.#context.token();
    if (this.#isOver) return;
    const socket = new WebSocket(socketUrl(this.#context), ['workport.v1']);
    this.#socket = socket;
    socket.onopen = () => this.#open(token);
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#hear(data);
    socket.onerror = () => this.#end();
    socket.onclose = ({ code }: { readonly code?: number }) => this.#end(code);
  }

  #open(token: string | undefined): void {
    const unsaid = this.#unsaid ?? [];
    this.#unsaid = undefined;
    if (token !== undefined) this.#say({ type: 'authenticate', token });
    for (const request of unsaid) this.#say(request);
  }

  #say(request: SocketRequest): void {
    if (this.#unsaid) this.#unsaid.push(request);
    else if (!this.#isOver) this.#socket?.send(JSON.stringify(request));
  }

  #hear(data: unknown): void {
    this.#isHeard = true;
    try {
      const text = String(data);
      const message = JSON.parse(text) as SocketMessage;
      if (message.type === 'pong') return;
      const { id = '' } = message;
      this.#live.get(id)?.take(message, text.length);
      if (message.type === 'end' || message.type === 'problem') this.#live.delete(id);
      // Its token is good no longer: who comes back comes with another.
      if (message.type === 'end' && message.code === 'revoked') this.#closed();
    } catch {
      // Whoever speaks so is no host.
      this.#end();
    }
  }

  /** A socket that nobody reads is closed, unless somebody comes back at once. */
  #release(subscription: Subscription): void {
    this.#readers.delete(subscription);
    if (this.#readers.size > 0 || this.#isOver) return;
    this.#stopIdling();
    this.#stopIdling = this.#context.clock.after(0, () => this.#readers.size === 0 && this.#end());
  }

  /**
   * Pages see no pings of the host. Where nothing came for a while, they send their own. Where nothing comes after that
   * either, the connection is lost.
   */
  #tick(quiet: number): void {
    this.#stopTicking = this.#context.clock.after(this.#context.silenceMs / 2, () => {
      const stillQuiet = this.#isHeard ? 0 : quiet + 1;
      this.#isHeard = false;
      if (stillQuiet > 1) return this.#end();
      if (stillQuiet > 0 && !this.#unsaid) this.#say({ type: 'ping' });
      this.#tick(stillQuiet);
    });
  }

  #end(code?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTicking();
    this.#stopIdling();
    this.#closed();
    this.#socket?.close();
    const last = lastFrame(code);
    for (const subscription of this.#live.values()) subscription.lose(last);
    this.#live.clear();
  }
}
