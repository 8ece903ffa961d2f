import { onTestFinished } from 'vitest';

import type { BrowserClientOptions, ConnectionState } from '../../src/adapters/browser-gateway/client/index.js';
import { browserClient } from '../../src/adapters/browser-gateway/client/index.js';
import type { Frame } from '../../src/index.js';

import { runtimeId, workerId } from './scripted-gateway.js';
import { ScriptedHost } from './scripted-host.js';
import { scriptedSockets } from './scripted-socket.js';
import { virtualClock } from './virtual-clock.js';

export type Carrier = 'SSE' | 'WebSocket';
export const carriers: readonly Carrier[] = ['SSE', 'WebSocket'];
export const worker = { runtimeId, workerId };

/** A scripted host and a client of it, on a clock that stands still. */
export function watching(carrier: Carrier, options: BrowserClientOptions = {}) {
  const host = new ScriptedHost();
  const clock = virtualClock();
  const sockets = scriptedSockets(host);
  const states: ConnectionState[] = [];
  const client = browserClient({
    url: 'http://host.test',
    token: 'good',
    fetch: host.fetch,
    clock,
    onConnection: (state) => states.push(state),
    ...(carrier === 'WebSocket' && { WebSocket: sockets.WebSocket }),
    ...options,
  });
  onTestFinished(() => client.close());

  /** Watches, and keeps what comes. */
  function watch(from?: string, signal?: AbortSignal) {
    const frames: Frame[] = [];
    const generator = client.observe(worker, from, { signal })[Symbol.asyncIterator]();
    const state = { isOver: false, cause: undefined as unknown };
    const pull = async (): Promise<void> => {
      try {
        for (let next = await generator.next(); !next.done; next = await generator.next()) frames.push(next.value);
      } catch (cause) {
        state.cause = cause;
      }
      state.isOver = true;
    };
    return {
      frames,
      state,
      pulled: pull(),
      leave: () => generator.return?.(),
      /** The sequences of the observations that came, in their order. */
      get sequences() {
        return frames.flatMap((frame) =>
          frame.type === 'events' ? frame.observations.map(({ sequence }) => Number(sequence)) : [],
        );
      },
      get types() {
        return frames.map((frame) => (frame.type === 'end' ? `end ${frame.code}` : frame.type));
      },
    };
  }
  return { host, clock, client, sockets, states, watch };
}

export const upTo = (count: number, from = 1): number[] =>
  Array.from({ length: count - from + 1 }, (_, index) => from + index);
