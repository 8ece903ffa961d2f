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
  /** Live streams of one principal. 64. */
  readonly streams?: number | undefined;
  /** Inputs of one principal in a minute. 600. */
  readonly inputsPerMinute?: number | undefined;
  /** How often a silent stream says that it lives. 15,000. */
  readonly heartbeatMs?: number | undefined;
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
  inputsPerMinute: options.inputsPerMinute ?? 600,
  heartbeatMs: options.heartbeatMs ?? 15_000,
  slowConsumerMs: options.slowConsumerMs ?? 60_000,
});
