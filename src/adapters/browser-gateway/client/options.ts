import type { Clock } from '../../../ports/clock.js';

import type { BackOff } from './clock.js';
import { pageClock } from './clock.js';

/**
 * `idle`: no Worker is watched. `open`: every one that is watched is connected. `reconnecting`: one at least has lost its
 * connection; its stream goes on by itself.
 */
export type ConnectionState = 'idle' | 'open' | 'reconnecting';

/** As much of a WebSocket as is used: that of browsers, of Node 22, or of the package `ws`. */
export interface SocketLike {
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(data: string): void;
  close(code?: number): void;
}

export interface BrowserClientOptions {
  /** The base of the host, as `https://host:7420`. `''`, the default: the page's own origin. */
  readonly url?: string | undefined;
  /**
   * The access token, or what gives it: asked for each request and each connection, and once more where a stream ends
   * because its token did. It is sent in the header `Authorization` and in a WebSocket's first message, never in an
   * address.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** `globalThis.fetch`. */
  readonly fetch?: ((url: string, init?: RequestInit) => Promise<Response>) | undefined;
  /** With it all streams share one socket. Without, each is a request of its own, of which browsers open six at once. */
  readonly WebSocket?: (new (url: string, protocols: string[]) => SocketLike) | undefined;
  /** Told of each change, in order. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
  /** How long one request may take before it counts as lost. 120,000 milliseconds: a create may wait for a spawn. */
  readonly timeoutMs?: number | undefined;
  /** A stream that is silent for so long counts as lost. 37,500 milliseconds: the host says something each 15,000. */
  readonly silenceMs?: number | undefined;
  /** The first delay before something is asked again, in milliseconds. 250; it doubles with each failure. */
  readonly minDelayMs?: number | undefined;
  /** The longest one. 10,000. */
  readonly maxDelayMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What every part of a client uses. */
export interface Context extends BackOff {
  /** Without a slash at its end. */
  readonly url: string;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly token: () => string | undefined | Promise<string>;
  /** Whether another token may follow one that is good no longer. */
  readonly isTokenRenewed: boolean;
  readonly timeoutMs: number;
  readonly silenceMs: number;
  readonly clock: Clock;
}

export const contextOf = ({ token, ...options }: BrowserClientOptions): Context => ({
  url: (options.url ?? '').replace(/\/+$/, ''),
  // Browsers call `fetch` of the window and of nothing else.
  fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
  token: typeof token === 'function' ? token : () => token,
  isTokenRenewed: typeof token === 'function',
  timeoutMs: options.timeoutMs ?? 120_000,
  silenceMs: options.silenceMs ?? 37_500,
  minDelayMs: options.minDelayMs ?? 250,
  maxDelayMs: options.maxDelayMs ?? 10_000,
  clock: options.clock ?? pageClock,
});

/** How often something is tried before it is given up, where it was never answered. */
export const attempts = 4;
