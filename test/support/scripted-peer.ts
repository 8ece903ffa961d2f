import type { SocketPeer } from '../../src/adapters/browser-gateway/websocket/socket-peer.js';
import { socketMessageSchema } from '../../src/protocol/browser-socket.js';
import type { SocketMessage } from '../../src/protocol/browser-socket.js';

export interface SentPiece {
  readonly fragments: readonly Uint8Array[];
  readonly bytes: number;
  readonly isLast: boolean;
}

/** A socket whose network is the test. */
export interface ScriptedPeer extends SocketPeer {
  /** Every piece, in order. */
  readonly sent: readonly SentPiece[];
  /** Bytes that it was given and that were not taken. */
  readonly waiting: number;
  readonly pings: number;
  readonly isPaused: boolean;
  readonly end: string | undefined;
  /** The network takes the next piece, or all that there are and come. */
  take(): boolean;
  takeAll(): void;
  /** The messages that are whole, each held against the protocol. */
  messages(): readonly SocketMessage[];
}

export function scriptedPeer(): ScriptedPeer {
  const sent: SentPiece[] = [];
  const untaken: { bytes: number; taken: () => void }[] = [];
  let takesAll = false;
  let pings = 0;
  let isPaused = false;
  let end: string | undefined;
  const take = (): boolean => {
    const piece = untaken.shift();
    piece?.taken();
    return piece !== undefined;
  };
  return {
    send(fragments, isLast, taken) {
      const bytes = fragments.reduce((sum, { byteLength }) => sum + byteLength, 0);
      sent.push({ fragments, bytes, isLast });
      if (takesAll) queueMicrotask(taken);
      else untaken.push({ bytes, taken });
    },
    ping: () => void (pings += 1),
    pause: () => void (isPaused = true),
    resume: () => void (isPaused = false),
    close: (code, reason) => void (end = `${code} ${reason}`),
    terminate: () => void (end = `${end ?? ''} cut`),
    sent,
    get waiting() {
      return untaken.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    get pings() {
      return pings;
    },
    get isPaused() {
      return isPaused;
    },
    get end() {
      return end;
    },
    take,
    takeAll() {
      takesAll = true;
      while (take());
    },
    messages() {
      const messages: SocketMessage[] = [];
      let text: Uint8Array[] = [];
      for (const { fragments, isLast } of sent) {
        text.push(...fragments);
        if (!isLast) continue;
        messages.push(socketMessageSchema.parse(JSON.parse(Buffer.concat(text).toString())));
        text = [];
      }
      return messages;
    },
  };
}
