/** What goes along a lane in its turn: `lost` instead, where the lane is closed before. */
export interface Passenger {
  readonly run: () => void;
  readonly lost: () => void;
}

/** Begins a wait; `open` ends it. What it answers takes the wait back. */
type Barrier = (open: () => void) => () => void;

/** One way out, for the events and answers of a generation: at once where nothing is in the way, else in order. */
export class Lane {
  #queue: (Passenger | Barrier)[] = [];
  #takeBack: (() => void) | undefined;
  #closed = false;

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  pass(passenger: Passenger): void {
    if (this.#closed) return passenger.lost();
    this.#queue.push(passenger);
    this.#go();
  }

  /** What comes from now on waits until this is open. */
  block(barrier: Barrier): void {
    if (this.#closed) return;
    this.#queue.push(barrier);
    this.#go();
  }

  /** Whoever waits is lost, and whoever comes later. */
  close(): void {
    this.#closed = true;
    this.#takeBack?.();
    for (const one of this.#queue.splice(0)) if (typeof one !== 'function') one.lost();
  }

  #go(): void {
    while (!this.#takeBack) {
      const next = this.#queue.shift();
      if (!next) return;
      if (typeof next === 'function') this.#wait(next);
      else next.run();
    }
  }

  #wait(barrier: Barrier): void {
    this.#takeBack = barrier(() => {
      this.#takeBack = undefined;
      this.#go();
    });
  }
}
