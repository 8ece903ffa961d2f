export type WireErrorKind =
  /** The connection ended, or was never there. */
  | 'connection-lost'
  /** The other end did not answer the handshake in time. */
  | 'handshake-timeout'
  /** The other end did not show that it has the key. */
  | 'unauthorized'
  /** There is no version that both ends speak. */
  | 'unsupported-version'
  /** The other end broke a rule of the wire; `line` says with which of its lines, counted from 1. */
  | 'protocol-violation'
  /** The backend failed in a way that it has no outcome for. */
  | 'backend-fault'
  /** This end was disposed. */
  | 'disposed';

/** A failure of the wire itself. What the domain foresees is never one of these. */
export class WireError extends Error {
  readonly kind: WireErrorKind;
  readonly line: number | undefined;

  constructor(kind: WireErrorKind, line?: number, options?: ErrorOptions) {
    super(line === undefined ? `wire: ${kind}` : `wire: ${kind} in line ${line}`, options);
    this.name = 'WireError';
    this.kind = kind;
    this.line = line;
  }
}
