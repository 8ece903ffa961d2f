/** Who is asking. Maps the credential of a request to a principal; the HTTP adapter asks it once per request. */

/** `read`: reads and streams. `input`: inputs, answers, cancels. `control`: create, reconnect, stop, delete. */
export type Scope = 'read' | 'input' | 'control';

export interface Principal {
  /** Stable; unique per authenticator. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Only Workers of these profiles exist for it; absent: all. */
  readonly profiles?: readonly string[] | undefined;
  /** Only Workers that it created exist for it. */
  readonly own?: boolean | undefined;
}

export interface Authenticator {
  /** The principal of a bearer token, or `undefined`. MUST take as long for a wrong token as for a right one. */
  authenticate(token: string, call: { readonly signal: AbortSignal }): Promise<Principal | undefined>;
}
