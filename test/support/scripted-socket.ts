import type { SocketLike } from '../../src/adapters/browser-gateway/client/index.js';

import type { Fate, ScriptedHost } from './scripted-host.js';
import { messages } from './scripted-host.js';

interface Said {
  readonly type: string;
  readonly token?: string;
  readonly id?: string;
  readonly after?: string;
}

/** The WebSockets of a scripted host. */
export function scriptedSockets(host: ScriptedHost) {
  /** All that clients said, over all sockets. */
  const said: Said[] = [];
  const sockets: ScriptedSocket[] = [];

  class ScriptedSocket implements SocketLike {
    onopen: unknown;
    onmessage: unknown;
    onclose: unknown;
    onerror: unknown;
    readonly #fate: Fate | undefined = host.fates.shift();
    readonly #leaves = new Map<string, () => void>();
    #left: number;
    #isClosed = false;

    constructor() {
      sockets.push(this);
      const fate = this.#fate;
      this.#left = typeof fate === 'object' && 'cutAfter' in fate ? fate.cutAfter : Infinity;
      if (fate === 'hang') return;
      if (fate === 'unreachable' || (typeof fate === 'object' && 'page' in fate)) setImmediate(() => this.cut(1006));
      else setImmediate(() => call(this.onopen, {}));
    }

    send(data: string): void {
      if (this.#isDeaf()) return;
      const message = JSON.parse(data) as Said;
      said.push(message);
      if (message.type === 'authenticate') this.#authenticate(message.token);
      else if (message.type === 'subscribe') this.#subscribe(message);
      else if (message.type === 'ping') this.#say({ type: 'pong' });
      else this.#leave(message.id ?? '');
    }

    close(): void {
      this.#isClosed = true;
      for (const id of [...this.#leaves.keys()]) this.#leave(id);
    }

    /** A socket that was open when the network went silent. */
    #isDeaf(): boolean {
      return this.#leaves.size > 0 && host.isSilent;
    }

    #authenticate(token: string | undefined): void {
      host.tokens.push(token);
      const fate = this.#fate;
      const close = typeof fate === 'object' && 'problem' in fate ? fate.close : undefined;
      if (close !== undefined) setImmediate(() => this.cut(close));
    }

    #subscribe({ id = '', after }: Said): void {
      host.asked.push(after);
      const fate = this.#fate;
      if (fate === 'mute') return;
      if (typeof fate === 'object' && 'problem' in fate) {
        if (fate.close === undefined) this.#say({ type: 'problem', id, code: fate.problem });
        return;
      }
      const begin = host.begin(after);
      if (begin === 'cursor-unknown') return this.#say({ type: 'problem', id, code: begin });
      this.#leaves.set(
        id,
        host.watch({
          say: (more) => {
            for (const message of messages(id, more)) this.#say(message);
          },
          cut: () => this.cut(1006),
        }),
      );
      for (const message of [{ type: 'subscribed', id }, ...messages(id, begin)]) this.#say(message);
    }

    #say(message: object): void {
      if (this.#left <= 0) return;
      this.#left -= 1;
      setImmediate(() => !this.#isClosed && call(this.onmessage, { data: JSON.stringify(message) }));
      if (this.#left === 0) setImmediate(() => this.cut(1006));
    }

    #leave(id: string): void {
      this.#leaves.get(id)?.();
      this.#leaves.delete(id);
    }

    cut(code: number): void {
      if (this.#isClosed) return;
      this.close();
      call(this.onclose, { code });
    }
  }

  return {
    WebSocket: ScriptedSocket,
    said,
    get opened() {
      return sockets.length;
    },
    /** Says something on the newest socket. */
    speak: (text: string) => call(sockets.at(-1)?.onmessage, { data: text }),
    /** The host closes the newest socket. */
    close: (code: number) => sockets.at(-1)?.cut(code),
  };
}

const call = (listener: unknown, event: object): void => (listener as ((event: object) => void) | undefined)?.(event);
