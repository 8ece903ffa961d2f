import { KeyFileError } from '../socket/key-file.js';
import { WireError } from '../wire/wire-error.js';

/** Why there is no connection, for the operator: `message` says what to do. */
export interface DialProblem {
  readonly message: string;
  /** Trying again is in vain until somebody has changed something. */
  readonly isFinal: boolean;
  /** What it looked like here. */
  readonly sign?: string | undefined;
}

/** An attempt to connect that failed. */
export class DialError extends Error implements DialProblem {
  readonly isFinal: boolean;
  readonly sign: string | undefined;

  constructor({ message, isFinal, sign }: DialProblem, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DialError';
    this.isFinal = isFinal;
    this.sign = sign;
  }
}

const transient = (message: string): DialProblem => ({ message, isFinal: false });
const final = (message: string): DialProblem => ({ message, isFinal: true });

/** Every problem there is. Those that are final are told as errors, the others as warnings; all are tried again. */
export const problems = {
  nobodyListens: transient('no backend server listens at the address: start it, or correct the address'),
  notAllowed: final(
    'the socket may not be used by this user: let the server run as the same one, or correct the address',
  ),
  openToOthers: final(
    'the socket is open to other users: chmod 700 its folder and 600 the socket, or give both ends a key file',
  ),
  unknownHost: transient('the host of the address is not known: correct it, or the name service'),
  unreachable: transient('the host of the address cannot be reached: is it up, and is there a way to it?'),
  silent: transient('the backend server does not answer in time: is it one, and does anything block the way to it?'),
  closed: transient('the backend server closed the connection before it answered: its log says why'),
  closedWithKey: transient(
    'the backend server closed the connection before it answered: is it served with a key file?',
  ),
  closedWithoutKey: transient(
    'the backend server closed the connection before it answered: if it is served with a key file, name that here, too',
  ),
  noTls: final('what answers at the address does not speak TLS 1.3: serve it at a tls: address'),
  wrongKey: final('the backend server does not show that it has the key: give both ends the same key file'),
  keyFile: final('the key file cannot be used'),
  keyId: final('the key file has no such key: correct keyId, or the file'),
  caFile: final('the ca file cannot be used: it has to be the certificate of who vouches for the server, as PEM'),
  wrongName: final('the certificate of the backend server is for another host: use the name that it is for'),
  expired: final(
    'the certificate of the backend server is not valid at this time: make a new one, or correct the clock',
  ),
  notVouched: final(
    'nobody that is trusted vouches for the certificate of the backend server: correct ca, or pin its fingerprint',
  ),
  wrongFingerprint: final(
    'the backend server has another certificate than the pinned one: correct fingerprint if that is right',
  ),
  otherVersion: final(
    'the backend server speaks no version of EBP that this host speaks: use the same release on both ends',
  ),
  notABackend: final('what answers at the address is no backend server: correct the address'),
  lost: transient('the connection to the backend server is lost'),
  disposed: final('the backend was disposed'),
  other: transient('the backend server cannot be connected to'),
} as const;

const byCode: Readonly<Record<string, DialProblem>> = {
  ECONNREFUSED: problems.nobodyListens,
  ENOENT: problems.nobodyListens,
  ENOTSOCK: problems.nobodyListens,
  EACCES: problems.notAllowed,
  EPERM: problems.notAllowed,
  ENOTFOUND: problems.unknownHost,
  EAI_AGAIN: problems.unknownHost,
  EHOSTUNREACH: problems.unreachable,
  ENETUNREACH: problems.unreachable,
  EHOSTDOWN: problems.unreachable,
  ETIMEDOUT: problems.silent,
  ECONNRESET: problems.closed,
  EPIPE: problems.closed,
  EPROTO: problems.noTls,
  ERR_TLS_CERT_ALTNAME_INVALID: problems.wrongName,
  CERT_HAS_EXPIRED: problems.expired,
  CERT_NOT_YET_VALID: problems.expired,
};

/** Names of OpenSSL for a certificate that it cannot follow to one that is trusted. */
const isAboutTrust = (code: string): boolean =>
  /^(UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|CERT_|INVALID_CA|INVALID_PURPOSE)/.test(code);

function problemOfCode(code: string): DialProblem {
  const known = byCode[code];
  if (known) return known;
  if (isAboutTrust(code)) return problems.notVouched;
  return code.startsWith('ERR_SSL_') ? problems.noTls : problems.other;
}

function problemOfWire({ kind }: WireError, hasKey: boolean): DialProblem {
  switch (kind) {
    case 'unauthorized':
      return problems.wrongKey;
    case 'unsupported-version':
      return problems.otherVersion;
    case 'protocol-violation':
    case 'backend-fault':
      return problems.notABackend;
    case 'handshake-timeout':
      return problems.silent;
    case 'disposed':
      return problems.disposed;
    case 'connection-lost':
      return hasKey ? problems.closedWithKey : problems.closedWithoutKey;
  }
}

/** Whatever went wrong, in words for the operator. */
export function dialErrorOf(cause: unknown, hasKey: boolean): DialError {
  if (cause instanceof DialError) return cause;
  if (cause instanceof WireError)
    return new DialError({ ...problemOfWire(cause, hasKey), sign: cause.message }, { cause });
  if (cause instanceof KeyFileError) return new DialError({ ...problems.keyFile, sign: cause.message }, { cause });
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  const sign = typeof code === 'string' ? code : String(message).slice(0, 200);
  return new DialError({ ...problemOfCode(sign), sign }, { cause });
}
