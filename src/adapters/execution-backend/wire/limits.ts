/** What both ends agree on in the handshake: of two limits the smaller counts. */
export interface WireLimits {
  /** Bytes of one line, without its line feed. */
  readonly maxLineBytes: number;
  /** Unacknowledged events of one Worker. */
  readonly windowEvents: number;
  /** Bytes of unacknowledged events of one Worker; one larger event goes alone. */
  readonly windowBytes: number;
}

/** What a handshake may take, unless an end says otherwise. */
export const defaultHandshakeMs = 10_000;
/** How long executions may be held without a connection at most. */
export const longestGraceMs = 3 * 60 * 60_000;

const mebibyte = 1024 * 1024;
export const largestLineBytes = 32 * mebibyte;
export const defaultWireLimits: WireLimits = {
  maxLineBytes: mebibyte,
  windowEvents: 1024,
  windowBytes: 4 * mebibyte,
};

/** Smaller lines could not carry the messages of the protocol itself. */
const smallestLineBytes = 1024;

export function wireLimits(chosen: Partial<WireLimits> = {}): WireLimits {
  const limits = { ...defaultWireLimits, ...chosen };
  if (limits.maxLineBytes < smallestLineBytes || limits.maxLineBytes > largestLineBytes) {
    throw new RangeError(`maxLineBytes is ${smallestLineBytes} … ${largestLineBytes}`);
  }
  return limits;
}

type Offered = { readonly [Key in keyof WireLimits]?: number | undefined };

export function smallerLimits(own: WireLimits, offered: Offered = {}): WireLimits {
  const smaller = (key: keyof WireLimits): number => Math.min(own[key], offered[key] ?? own[key]);
  return {
    maxLineBytes: Math.max(smallestLineBytes, smaller('maxLineBytes')),
    windowEvents: smaller('windowEvents'),
    windowBytes: smaller('windowBytes'),
  };
}
