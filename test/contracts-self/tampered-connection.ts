import { Buffer } from 'node:buffer';

import type { WireConnection } from '../../src/contracts/execution-backend/harness.js';

export interface Message {
  jsonrpc?: '2.0';
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data: Record<string, unknown> };
}

/** What a tampering end may do beside letting lines through. */
export interface Tampering {
  /** Lines that the case hears. */
  say(...lines: readonly (string | Message)[]): void;
  /** Lines that the serving end hears. */
  tell(...lines: readonly (string | Message)[]): void;
  /** The connection ends, for both. */
  cut(): void;
}

export interface Tamper {
  /** The backend's first words, before anybody has spoken. */
  greet?(tampering: Tampering): void;
  /** A line of the backend: what is heard in its place. All of it. */
  said?(line: string, tampering: Tampering): readonly (string | Message)[];
  /** A line of the host: what the backend hears in its place. */
  told?(line: string, tampering: Tampering): readonly (string | Message)[];
  /** It goes on when its host is gone. */
  readonly staysOpen?: boolean;
}

const text = (line: string | Message): string =>
  `${typeof line === 'string' ? line : JSON.stringify({ jsonrpc: '2.0', ...line })}\n`;

/** A line as a message; one that is none is empty. */
export function messageOf(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

const lines = (onLine: (line: string) => void): ((chunk: string) => void) => {
  let rest = '';
  return (chunk) => {
    const all = (rest + chunk).split('\n');
    rest = all.pop() ?? '';
    all.forEach(onLine);
  };
};

/** A connection whose lines are tampered with, both ways. What stands before the last line feed waits for it. */
export function tampered({ greet, said, told, staysOpen = false }: Tamper, inner: WireConnection): WireConnection {
  let onChunk: (chunk: Uint8Array) => void = () => undefined;
  let isClosing = false;
  const never = new Promise<void>(() => undefined);
  const tampering: Tampering = {
    say: (...all) => onChunk(Buffer.from(all.map(text).join(''))),
    tell: (...all) => void inner.write(all.map(text).join('')),
    cut: () => inner.close(),
  };
  const hear = lines((line) => tampering.say(...(said?.(line, tampering) ?? [line])));
  const tell = lines((line) => tampering.tell(...(told?.(line, tampering) ?? [line])));
  const decoder = new TextDecoder();
  return {
    closed: inner.closed.then(() => (staysOpen && isClosing ? never : undefined)),
    start: (listener) => {
      onChunk = listener;
      inner.start((chunk) => hear(decoder.decode(chunk, { stream: true })));
      greet?.(tampering);
    },
    write: (chunk) => {
      tell(chunk);
      return undefined;
    },
    close: () => {
      isClosing = true;
      inner.close();
    },
  };
}
