const longestMs = 2 ** 31 - 1;

/** Keeps the process alive while somebody needs it to, whatever its sockets and timers do. */
export class KeepAlive {
  readonly #needs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** How much there is of something that needs it. */
  set(what: string, count: number): void {
    this.#needs.set(what, count);
    const isNeeded = [...this.#needs.values()].some((each) => each > 0);
    if (isNeeded) this.#timer ??= setInterval(() => undefined, longestMs);
    else this.end();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
