import type { Authenticator, Principal } from '../../../ports/authenticator.js';
import type { BrowserGateway } from '../../../ports/browser-gateway.js';

/** Who may come in. Without an authenticator everybody on the loopback interface may do everything. */
export type Access =
  | {
      readonly authenticator: Authenticator;
      /** What a principal may reach: its scopes and filter are kept there. */
      readonly gatewayFor: (principal: Principal) => BrowserGateway;
    }
  | { readonly authenticator?: undefined; readonly gatewayFor?: undefined };

export interface Admitted {
  readonly gateway: BrowserGateway;
  /** Empty where nobody has to say who they are. */
  readonly principal: string;
}

const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The gateway of who asks, or `undefined` where the token is missing or not known. */
export async function admit(request: Request, gateway: BrowserGateway, access: Access): Promise<Admitted | undefined> {
  if (!access.authenticator) return { gateway, principal: '' };
  const token = bearer.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) return undefined;
  const principal = await access.authenticator.authenticate(token, { signal: request.signal });
  return principal && { gateway: access.gatewayFor(principal), principal: principal.id };
}
