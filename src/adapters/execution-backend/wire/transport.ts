/**
 * A pipe for the wire: bytes in order, both ways, until it closes. Knows nothing of lines or messages.
 * stdio, sockets and the linked pair are the same to both ends of EBP.
 */
export interface WireTransport {
  /** Begins to read. Called once. Chunks may split lines and characters anywhere. */
  start(onChunk: (chunk: Uint8Array) => void): void;
  /**
   * Writes whole lines. Answers `undefined` while the pipe takes more at once, else a promise that resolves when it
   * does (or when it is closed). Never throws and never rejects: a loss is told by `closed`.
   */
  write(text: string): Promise<void> | undefined;
  /** Lets what was written go out, then closes. Idempotent. */
  close(): void;
  /** Resolves once, when nothing more comes in. Never rejects. */
  readonly closed: Promise<void>;
}
