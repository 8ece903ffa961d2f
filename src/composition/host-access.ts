import type { JwtAuthenticator, JwtOptions } from '../adapters/authenticator/jwt/index.js';
import { jwtAuthenticator } from '../adapters/authenticator/jwt/index.js';
import type { TokenEntry } from '../adapters/authenticator/token/index.js';
import { tokenAuthenticator } from '../adapters/authenticator/token/index.js';
import type { Authenticator, Sessions } from '../ports/authenticator.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { authenticators } from '../runtime/authenticators.js';

export interface AccessOptions {
  readonly tokens: readonly TokenEntry[];
  /** Whose JWTs are taken, too. */
  readonly jwt?: JwtOptions | undefined;
}

/** Who may come in: holders of tokens, of sessions, and of JWTs. */
export interface HostAccess extends Authenticator, Disposable {
  /**
   * From now on these may come in, and those of the sessions. Who may not any more, or may do something else, is
   * revoked; the others notice nothing. Throws a `TypeError` for options of the wrong form, and then changes nothing.
   */
  replace(options: AccessOptions): void;
}

export function hostAccess(
  first: AccessOptions,
  { sessions, ...dependencies }: { readonly sessions: Sessions; readonly clock: Clock; readonly logger: Logger },
): HostAccess {
  const tokens = tokenAuthenticator(first.tokens);
  const textOf = (jwt: JwtOptions | undefined): string => JSON.stringify(jwt ?? null);
  const make = (jwt: JwtOptions | undefined): JwtAuthenticator | undefined =>
    jwt && jwtAuthenticator(jwt, dependencies);
  let jwts = make(first.jwt);
  let jwtText = textOf(first.jwt);
  return {
    authenticate: (token, call) =>
      authenticators([tokens, sessions, ...(jwts ? [jwts] : [])]).authenticate(token, call),
    replace({ tokens: entries, jwt }) {
      const isSame = textOf(jwt) === jwtText;
      const next = isSame ? jwts : make(jwt);
      tokens.replace(entries);
      if (isSame) return;
      jwts?.[Symbol.dispose]();
      jwts = next;
      jwtText = textOf(jwt);
    },
    [Symbol.dispose]: () => jwts?.[Symbol.dispose](),
  };
}
