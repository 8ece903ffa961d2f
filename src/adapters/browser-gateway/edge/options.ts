/** What a host may set. Every bound has a default. */
export interface HttpOptions {
  /** Names beside the loopback ones under which this server may be asked: `name` (any port) or `name:port`. */
  readonly hosts?: readonly string[] | undefined;
  /** Origins of pages that may ask beside the server's own, as `scheme://host[:port]`. CORS is on for these alone. */
  readonly origins?: readonly string[] | undefined;
  /** Largest request body, in bytes. 262,144. */
  readonly bodyBytes?: number | undefined;
  /** How long a body may take to come in. 10,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Live streams and WebSockets of one principal. 64. */
  readonly streams?: number | undefined;
  /** Subscriptions of one principal, over all its WebSockets. 256. */
  readonly subscriptions?: number | undefined;
  /** Inputs of one principal in a minute. 600. */
  readonly inputsPerMinute?: number | undefined;
  /** How often a silent stream says that it lives. 15,000. */
  readonly heartbeatMs?: number | undefined;
  /** How long a WebSocket may take to say who it is, and the authenticator to say whose a token is. 10,000. */
  readonly authenticateMs?: number | undefined;
  /** WebSockets that have not said who they are: of more the one that has waited longest is cut. 1,024. */
  readonly strangers?: number | undefined;
  /** What waits in one WebSocket at most before nothing more is read for it, in bytes; one larger message goes alone. 1,048,576. */
  readonly inFlightBytes?: number | undefined;
  /** A reader that takes no byte for so long is closed as `slow-consumer`. 60,000. */
  readonly slowConsumerMs?: number | undefined;
}

export type ResolvedHttpOptions = { readonly [Key in keyof HttpOptions]-?: NonNullable<HttpOptions[Key]> };

export const resolveHttpOptions = (options: HttpOptions = {}): ResolvedHttpOptions => ({
  hosts: [...(options.hosts ?? [])],
  origins: [...(options.origins ?? [])],
  bodyBytes: options.bodyBytes ?? 262_144,
  bodyTimeoutMs: options.bodyTimeoutMs ?? 10_000,
  streams: options.streams ?? 64,
  subscriptions: options.subscriptions ?? 256,
  inputsPerMinute: options.inputsPerMinute ?? 600,
  heartbeatMs: options.heartbeatMs ?? 15_000,
  authenticateMs: options.authenticateMs ?? 10_000,
  strangers: options.strangers ?? 1_024,
  inFlightBytes: options.inFlightBytes ?? 1_048_576,
  slowConsumerMs: options.slowConsumerMs ?? 60_000,
});
