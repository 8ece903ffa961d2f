/** What is known of the socket a request came over. */
export interface Connection {
  /** The port that the server is bound to: the loopback names are good with this one only. */
  readonly localPort?: number | undefined;
  /** Ends the socket at once. */
  close?(): void;
}
