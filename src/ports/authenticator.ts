/** Who is asking. Maps a credential to a principal; asked once per request, and once per WebSocket. */

/** `read`: reads and streams. `input`: inputs, answers, cancels. `control`: create, reconnect, stop, delete. */
export const scopes = ['read', 'input', 'control'] as const;
export type Scope = (typeof scopes)[number];

export interface Principal {
  /** Stable; unique among all who may come in, whichever authenticator knows them. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Only Workers of these profiles exist for it; absent: all. */
  readonly profiles?: readonly string[] | undefined;
  /** Only Workers that it created exist for it. */
  readonly own?: boolean | undefined;
}

/** Who came in, and for how long. */
export interface Admission {
  readonly principal: Principal;
  /** Aborts when the credential is good no longer: revoked, or expired. Live streams then end as `revoked`. Absent: never. */
  readonly revoked?: AbortSignal | undefined;
}

export interface Authenticator {
  /**
   * Who holds a token, or `undefined`. MUST tell nothing by the time it takes of how near a wrong token came to a right
   * one. Rejects where it cannot tell (its source of keys is away), which is answered `internal`, never as a wrong token.
   */
  authenticate(token: string, call: { readonly signal: AbortSignal }): Promise<Admission | undefined>;
}

export type Exchange =
  | {
      readonly outcome: 'exchanged';
      readonly token: string;
      /** Milliseconds since 1970, UTC. */
      readonly expiresAt: number;
    }
  /** Nobody was given that code, or it was used, or it came too late. */
  | { readonly outcome: 'unknown' }
  /** The code is wrong, and too many were: so is every further wrong one for so long. A right one is still exchanged. */
  | { readonly outcome: 'limited'; readonly limit: number; readonly retryAfterMs: number };

/** Lets in by tokens of its own, which it gives for codes that are used once. */
export interface Sessions extends Authenticator {
  /** A code for somebody who was let in: it and its session are good no longer than that admission is. */
  issueCode(admission: Admission): string;
  /** MUST tell nothing by the time it takes of how near a wrong code came to a right one. */
  exchange(code: string): Promise<Exchange>;
  /** Revokes a token. False where it is none of a session. */
  end(token: string): Promise<boolean>;
}
