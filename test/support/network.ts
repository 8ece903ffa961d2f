import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A network between a page and a host on this machine: bytes go through as they come, until it is taken away. */
export interface Network extends AsyncDisposable {
  readonly url: string;
  /** Everything that is open is reset in both directions, and nobody gets through. */
  down(): void;
  up(): void;
  /** Nobody hears of anything any more: what is sent is held back. `up` lets it through, late. */
  hold(): void;
  /** Whoever connects from now on gets through to this port. */
  lead(port: number): void;
  /** Connections that came, those that did not get through included. */
  readonly attempts: number;
}

export async function network(port: number): Promise<Network> {
  const open = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  let isUp = true;
  let isHeld = false;
  let attempts = 0;
  let target = port;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  };
  const server = createServer((page) => {
    attempts += 1;
    keep(page);
    if (!isUp) return page.resetAndDestroy();
    const host = connect({ port: target, host: '127.0.0.1' });
    keep(host);
    const pair = [page, host] as const;
    pairs.add(pair);
    page.on('close', () => {
      pairs.delete(pair);
      host.destroy();
    });
    host.on('close', () => page.destroy());
    if (!isHeld) page.pipe(host).pipe(page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    down() {
      isUp = false;
      reset();
    },
    up() {
      isUp = true;
      if (isHeld) for (const [page, host] of pairs) page.pipe(host).pipe(page);
      isHeld = false;
    },
    hold() {
      isHeld = true;
      for (const [page, host] of pairs) {
        page.unpipe(host);
        host.unpipe(page);
      }
    },
    lead: (other) => void (target = other),
    get attempts() {
      return attempts;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
