import { isIP } from 'node:net';

/** Where a backend server listens. `unix:` is a path on this machine, `tls:` and `tcp:` a host and a port. */
export type SocketAddress =
  | { readonly scheme: 'unix'; readonly path: string }
  | { readonly scheme: 'tcp' | 'tls'; readonly host: string; readonly port: number };

/** Says what is wrong with an address, and what one looks like. */
export class AddressError extends Error {
  constructor(address: string, reason: string) {
    super(`${JSON.stringify(address)} ${reason}; an address is unix:PATH, tls:HOST:PORT or tcp:HOST:PORT`);
    this.name = 'AddressError';
  }
}

/** The kernel's room for a path, without its end. */
const maxPathBytes = process.platform === 'darwin' ? 103 : 107;

/** Reads `unix:PATH`, `tcp:HOST:PORT` or `tls:HOST:PORT`; an IPv6 host stands in brackets. Throws an `AddressError`. */
export function parseAddress(address: string): SocketAddress {
  const [scheme, rest] = splitAt(address, address.indexOf(':'));
  if (scheme === 'unix') return unixAddress(address, rest);
  if (scheme !== 'tcp' && scheme !== 'tls') throw new AddressError(address, 'has no scheme that is known');
  const [named, port] = splitAt(rest, rest.lastIndexOf(':'));
  const host = named.startsWith('[') && named.endsWith(']') ? named.slice(1, -1) : named;
  if (host === '' || (host.includes(':') && isIP(host) !== 6)) throw new AddressError(address, 'names no host');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new AddressError(address, 'names no port');
  return { scheme, host, port: Number(port) };
}

/** The way in which it is written, for the operator alone. */
export function formatAddress(address: SocketAddress): string {
  if (address.scheme === 'unix') return `unix:${address.path}`;
  const host = isIP(address.host) === 6 ? `[${address.host}]` : address.host;
  return `${address.scheme}:${host}:${String(address.port)}`;
}

function unixAddress(address: string, path: string): SocketAddress {
  if (path === '' || path.includes('\0')) throw new AddressError(address, 'names no path');
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new AddressError(address, `has a path of more than ${String(maxPathBytes)} bytes`);
  }
  return { scheme: 'unix', path };
}

function splitAt(text: string, index: number): readonly [string, string] {
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
