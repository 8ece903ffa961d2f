import type { Admission, Authenticator, Principal, Sessions } from '../../../ports/authenticator.js';
import type { BrowserGateway } from '../../../ports/browser-gateway.js';

/** Who may come in. Without an authenticator everybody on the loopback interface may do everything. */
export type Access =
  | {
      readonly authenticator: Authenticator;
      /** What a principal may reach: its scopes and filter are kept there. */
      readonly gatewayFor: (principal: Principal) => BrowserGateway;
      /** Opens and ends sessions. Absent: there are none. The authenticator has to know their tokens, too. */
      readonly sessions?: Sessions | undefined;
    }
  | { readonly authenticator?: undefined; readonly gatewayFor?: undefined; readonly sessions?: undefined };

export interface Admitted {
  readonly gateway: BrowserGateway;
  /** Whose quotas count. Empty where nobody has to say who they are. */
  readonly principalId: string;
  /** Aborts when its credential is good no longer: what it still watches ends as `revoked`. */
  readonly revoked?: AbortSignal | undefined;
}

/** The gateway of who holds `token`, or `undefined` where it is missing or not known. */
export async function admit(
  token: string | undefined,
  { gateway, signal, ...access }: Access & { readonly gateway: BrowserGateway; readonly signal: AbortSignal },
): Promise<Admitted | undefined> {
  if (!access.authenticator) return { gateway, principalId: '' };
  if (token === undefined) return undefined;
  const admission = await access.authenticator.authenticate(token, { signal });
  return admission && !admission.revoked?.aborted ? admitted(admission, access.gatewayFor) : undefined;
}

const admitted = (
  { principal, revoked }: Admission,
  gatewayFor: (principal: Principal) => BrowserGateway,
): Admitted => ({ gateway: gatewayFor(principal), principalId: principal.id, revoked });

const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of a request, where it has one. */
export const bearerToken = (request: Request): string | undefined =>
  bearer.exec(request.headers.get('authorization') ?? '')?.[1];
