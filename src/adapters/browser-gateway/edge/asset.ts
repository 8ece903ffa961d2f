/** A file that a browser loads by its path, as it is, without saying who it is. */
export interface Asset {
  /** As `/`, or `/console.js`. Below `/api/v1` nothing is served so; a probe of the same path is hidden. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}
