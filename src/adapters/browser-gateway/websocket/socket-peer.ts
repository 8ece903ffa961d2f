/** One open WebSocket, whatever carries it. */
export interface SocketPeer {
  /**
   * Sends a piece of a text message, of which nothing else may come before its last one. `taken` is called when the
   * network has taken it, and never where it did not.
   */
  send(fragments: readonly Uint8Array[], isLast: boolean, taken: () => void): void;
  ping(): void;
  /** Asks that nothing more comes in for now. What has been read already still comes. */
  pause(): void;
  resume(): void;
  /** Begins the closing handshake, after what was sent. */
  close(code: number, reason: string): void;
  /** Ends the socket at once. */
  terminate(): void;
}

/** What the carrier of a socket tells the one who speaks on it. */
export interface SocketListener {
  /** A text; `undefined` for a message of bytes. */
  received(message: string | undefined): void;
  /** An answer to a ping. */
  pong(): void;
  /** The socket is closed, whoever closed it. Nothing comes after it. */
  closed(): void;
}
