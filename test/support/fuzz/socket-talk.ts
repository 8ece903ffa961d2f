import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { socketCloseCodes } from '../../../src/protocol/browser-socket.js';

import type { LiveHost } from './live-host.js';
import { SocketAccount } from './socket-account.js';
import type { Step, Talk } from './socket-arbitrary.js';
import { FrameReader, encodeFrame, opcodes } from './socket-frame.js';
import type { ServerFrame } from './socket-frame.js';

/** A deadline far past every limit that is set in a test: who gets there hangs. */
const hangMs = 20_000;
const mask = [1, 2, 3, 4] as const;

/** Ours, and those of RFC 6455 for an orderly end, for what is no frame or no text, and for what is too large. */
const closeCodes = new Set<number>([...Object.values(socketCloseCodes), 1000, 1002, 1003, 1007, 1009]);

const authenticate: Step = { does: 'say', text: '{"type":"authenticate","token":"good"}', cuts: [] };

/** What a socket was said and told. */
export interface Told {
  readonly types: string[];
  closed: number | undefined;
}

const handshake = (port: number): string =>
  [
    'GET /api/v1/socket HTTP/1.1',
    `Host: localhost:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: workport.v1',
    '\r\n',
  ].join('\r\n');

function fragments(text: string, cuts: readonly number[]): Buffer {
  const whole = Buffer.from(text);
  const ends = [...cuts.filter((cut) => cut < whole.length).sort((one, other) => one - other), whole.length];
  const frames = ends.map((end, index) => {
    const opcode = index === 0 ? opcodes.text : opcodes.continuation;
    const fin = index === ends.length - 1;
    const frame = encodeFrame(whole.subarray(ends[index - 1] ?? 0, end), { opcode, fin, mask });
    return fin ? frame : Buffer.concat([frame, encodeFrame('between', { opcode: opcodes.ping, mask })]);
  });
  return Buffer.concat(frames);
}

/** One raw socket. Everything that it is told is checked as it comes. */
class RawTalk {
  readonly account = new SocketAccount();
  readonly told: Told = { types: [], closed: undefined };
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #head: string | undefined = '';
  #failure: unknown;
  #isOver = false;
  #wake = (): void => undefined;
  isFaulted = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  get isOpen(): boolean {
    return this.#head === undefined;
  }
  get isOver(): boolean {
    return this.#isOver || this.told.closed !== undefined;
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Until it is so, or the socket is closed. Rejects for what was told wrongly, and where nothing comes. */
  async until(isSo: () => boolean): Promise<void> {
    const late = Date.now() + hangMs;
    while (this.#failure === undefined && !this.#isOver && !isSo()) {
      const left = late - Date.now();
      if (left <= 0) throw new Error('the server hangs');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  #take(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(this.#afterHead(chunk))) this.#hear(frame);
    } catch (error) {
      this.#failure ??= error;
    }
    this.#wake();
  }

  #afterHead(chunk: Buffer): Buffer {
    if (this.#head === undefined) return chunk;
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return Buffer.alloc(0);
    if (!this.#head.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${this.#head}`);
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    this.#head = undefined;
    return rest;
  }

  #hear({ opcode, payload }: ServerFrame): void {
    if (this.told.closed !== undefined) throw new Error('a frame after the close');
    if (opcode === opcodes.close) this.told.closed = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    if (opcode !== opcodes.text) return;
    this.told.types.push(this.account.told(payload.toString()).type);
  }
}

async function take(step: Step, raw: RawTalk, host: LiveHost, isKnown: boolean): Promise<void> {
  switch (step.does) {
    case 'say':
      raw.account.said(step.text);
      return raw.write(fragments(step.text, step.cuts));
    case 'subscribe': {
      const text = await host.subscription(step.id, step.place, step.from);
      raw.account.said(text);
      return raw.write(encodeFrame(text, { opcode: opcodes.text, mask }));
    }
    case 'bytes':
      raw.account.saidBytes();
      return raw.write(encodeFrame(step.payload, { opcode: opcodes.binary, mask }));
    case 'control':
      return raw.write(step.frame);
    case 'fault':
      raw.isFaulted = true;
      return raw.write(step.frame);
    case 'settle':
      return raw.isFaulted || !isKnown ? undefined : raw.until(() => raw.isOver || raw.account.isAnswered);
    case 'act':
      return host.act(step.act);
  }
}

/** How a socket may be closed that says this, from its first fault or its end on. */
function mayClose({ isKnown, steps, end }: Talk): (code: number) => boolean {
  const fault = steps.find((step) => step.does === 'fault');
  const own = typeof end === 'object' ? (end.code ?? 1005) : undefined;
  return (code) => {
    if (!isKnown && code === socketCloseCodes.unauthenticated) return true;
    if (!fault) return code === own;
    return fault.code === undefined ? closeCodes.has(code) || code === own : code === fault.code;
  };
}

/** Has a talk with the host, and throws where anything of it is not as the protocol says. */
export async function haveTalk(talk: Talk, host: LiveHost): Promise<Told> {
  const { port } = host.listener;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const raw = new RawTalk(socket);
  try {
    raw.write(handshake(port));
    await raw.until(() => raw.isOpen);
    if (talk.isKnown) await take(authenticate, raw, host, true);
    for (const step of talk.steps) if (!raw.isOver) await take(step, raw, host, talk.isKnown);
    await endTalk(talk, raw);
    const { closed } = raw.told;
    if (closed !== undefined && !mayClose(talk)(closed)) throw new Error(`closed with ${closed}`);
    return raw.told;
  } finally {
    socket.destroy();
  }
}

async function endTalk({ end, isKnown, steps }: Talk, raw: RawTalk): Promise<void> {
  if (end === 'reset') return raw.reset();
  if (end === 'fin') {
    raw.end();
    return raw.until(() => false);
  }
  if (!raw.isFaulted && isKnown) await raw.until(() => raw.isOver || raw.account.isAnswered);
  if (!raw.isOver) raw.write(end.close);
  // Bytes that are no frame may be the begin of one: only the end of the socket is certain.
  const isVague = raw.isFaulted && steps.find((step) => step.does === 'fault')?.code === undefined;
  if (isVague) raw.end();
  await raw.until(() => false);
  if (raw.told.closed === undefined && !isVague) throw new Error('a socket ended without a close');
}
