import type { RuntimeId } from '../../domain/ids.js';
import type { BrowserGateway } from '../../ports/browser-gateway.js';

/** A gateway under test, with one Runtime behind it that nobody else uses. */
export interface GatewayUnderTest extends AsyncDisposable {
  readonly gateway: BrowserGateway;
  readonly runtimeId: RuntimeId;
}

/**
 * The profile behind it plays a small game: it says the text of each input as one message, then completes the run. A text
 * that begins with `hold` is not completed until it is cancelled; with `ask` it asks one question, `Go on?`, and says
 * the answer; with `fail` it ends as failed, for a reason that holds every one of the `canaries`.
 */
export interface BrowserGatewayHarness {
  readonly profile: string;
  /** Fresh and empty, for one case. The suite disposes of it. */
  create(call: { readonly signal: AbortSignal }): Promise<GatewayUnderTest>;
  /** Secrets on the backend's side: none may come out. Cases that look for them need the capability `canaries`. */
  readonly canaries?: readonly string[] | undefined;
  /** Multiplies every deadline of the suite. 1: five seconds a case. */
  readonly timing?: number | undefined;
}
