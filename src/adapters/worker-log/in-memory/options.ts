export interface InMemoryLogOptions {
  /** At most so many observations in a page that `follow` yields. 1,000. */
  readonly followLimit?: number | undefined;
}
