import type { Scope } from '../../../ports/authenticator.js';

/** One token of the configuration and what its holder may do. */
export interface TokenEntry {
  /** The id of its principal: unique, without a colon, which ids of other authenticators have. */
  readonly name: string;
  /** The SHA-256 of the token, in hex. The token itself is nowhere. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** Only Workers of these profiles exist for it; absent: all. */
  readonly profiles?: readonly string[] | undefined;
  /** Only Workers that it created exist for it. */
  readonly own?: boolean | undefined;
}
