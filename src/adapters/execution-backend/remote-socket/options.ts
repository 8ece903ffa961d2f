import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { isLoopback } from '../../../protocol/loopback.js';
import type { SocketAddress } from '../socket/address.js';
import { AddressError, parseAddress } from '../socket/address.js';
import type { WireLimits } from '../wire/limits.js';
import { longestGraceMs } from '../wire/limits.js';

export interface RemoteSocketOptions {
  /** How the backend is called in the operator log. `remote-socket`. */
  readonly id?: string | undefined;
  /** Where the backend server listens: `unix:PATH`, `tls:HOST:PORT` or `tcp:HOST:PORT`. */
  readonly address: string;
  /** A file of mode 0600 with the key that both ends have; read anew for each connection. `tls:` and `tcp:` need one. */
  readonly keyFile?: string | undefined;
  /** Which key of the file. The only one where there is one, else `default`. */
  readonly keyId?: string | undefined;
  /** With `tls:`: a PEM file of who vouches for the server's certificate, read anew for each connection. Those that Node.js trusts. */
  readonly ca?: string | undefined;
  /** With `tls:`, instead of a `ca`: SHA-256 of the server's certificate, 64 hex digits. */
  readonly fingerprint?: string | undefined;
  /** With `tcp:`: to another host than this one, too. Whoever is on the path can read it, and take it over. */
  readonly allowPlaintext?: boolean | undefined;
  /** How long executions are held without a connection, here and at the server. 5 min, at most 3 h. */
  readonly graceMs?: number | undefined;
  /** Until a connection is made and the server has answered and shown its key. 10,000 ms. */
  readonly connectMs?: number | undefined;
  readonly limits?: Partial<WireLimits> | undefined;
}

export interface RemoteSocketDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** What is wrong with options, and with which of them. */
export interface OptionsProblem {
  readonly option: keyof RemoteSocketOptions;
  readonly reason: string;
}

/** SHA-256 as lower-case hex digits, however it was written. */
export const plainFingerprint = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** What does not fit together, before anything is connected. `undefined`: nothing. */
export function optionsProblem(options: RemoteSocketOptions): OptionsProblem | undefined {
  const { ca, fingerprint, graceMs } = options;
  try {
    const problem = addressProblem(parseAddress(options.address), options);
    if (problem) return problem;
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    return { option: 'address', reason: cause.message };
  }
  if (fingerprint !== undefined && !/^[0-9a-f]{64}$/.test(plainFingerprint(fingerprint))) {
    return { option: 'fingerprint', reason: 'a fingerprint is the SHA-256 of the certificate, as 64 hex digits' };
  }
  if (ca !== undefined && fingerprint !== undefined) {
    return { option: 'fingerprint', reason: 'a fingerprint is there instead of a ca: leave one of them out' };
  }
  if (graceMs !== undefined && !(graceMs >= 0 && graceMs <= longestGraceMs)) {
    return { option: 'graceMs', reason: `a grace is 0 … ${String(longestGraceMs)} ms` };
  }
  return undefined;
}

function addressProblem(address: SocketAddress, options: RemoteSocketOptions): OptionsProblem | undefined {
  if (address.scheme !== 'tls') {
    const only = (['ca', 'fingerprint'] as const).find((option) => options[option] !== undefined);
    if (only) return { option: only, reason: `a ${only} is for a tls: address` };
  }
  if (address.scheme === 'unix') return undefined;
  if (address.port === 0)
    return { option: 'address', reason: 'the port is 0: give the one that the server listens on' };
  if (options.keyFile === undefined) {
    return { option: 'keyFile', reason: `a ${address.scheme}: address needs a key file, which both ends have` };
  }
  if (address.scheme === 'tls' || isLoopback(address.host) || options.allowPlaintext) return undefined;
  return {
    option: 'address',
    reason:
      'this leads to another host in clear text: use tls:, or say allowPlaintext where nobody else is on the path',
  };
}
