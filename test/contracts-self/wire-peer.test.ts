import { Buffer } from 'node:buffer';

import { expect, onTestFinished, test } from 'vitest';

import { WirePeer } from '../../src/contracts/execution-backend/wire-peer.js';

const mebibyte = 1024 * 1024;
const { signal } = new AbortController();

/** A peer whose other end says the same again and again, from the start on. */
function flooded(text: string): { readonly peer: WirePeer; readonly kept: () => number } {
  let timer: ReturnType<typeof setInterval> | undefined;
  const chunk = Buffer.from(text.repeat(Math.ceil(mebibyte / text.length)));
  const connection = {
    start: (onChunk: (chunk: Uint8Array) => void) => (timer = setInterval(() => onChunk(chunk), 0)),
    write: () => undefined,
    close: () => undefined,
    closed: new Promise<void>(() => undefined),
  };
  const peer = new WirePeer(connection, { signal, note: () => undefined });
  onTestFinished(() => clearInterval(timer));
  return { peer, kept: () => peer.heard.reduce((sum, { bytes }) => sum + bytes, 0) };
}

test.each(['one line that never ends', `${JSON.stringify({ jsonrpc: '2.0', method: '$/x' })}\n`])(
  'a backend that never stops saying %j fails what is waited for, and is not kept',
  async (text) => {
    const { peer, kept } = flooded(text);
    await expect(peer.request('initialize', {})).rejects.toThrow('it said what no host can take: more than');
    expect(kept()).toBeLessThan(40 * mebibyte);
  },
);
