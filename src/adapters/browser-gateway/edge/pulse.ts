import type { Clock } from '../../../ports/clock.js';

export interface PulseOptions {
  readonly heartbeatMs: number;
  readonly slowConsumerMs: number;
}

export interface PulseDependencies {
  readonly clock: Clock;
  readonly ping: () => void;
  /** Whether there is something that the other side could take. */
  readonly isWaiting: () => boolean;
  /** Called once, where it took nothing of it for too long. */
  readonly slow: () => void;
}

/** Says at intervals that a socket lives, and finds out when the other side does not take what waits for it. */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #dependencies: PulseDependencies;
  #movedAt: number;
  #stop: () => void;

  constructor(options: PulseOptions, dependencies: PulseDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#movedAt = dependencies.clock.now();
    this.#stop = dependencies.clock.after(options.heartbeatMs, () => this.#beat());
  }

  /** Something was taken, or something came in; or there is something to take, as there was not before. */
  moved(): void {
    this.#movedAt = this.#dependencies.clock.now();
  }

  stop(): void {
    this.#stop();
  }

  #beat(): void {
    const { clock, ping, isWaiting, slow } = this.#dependencies;
    const { heartbeatMs, slowConsumerMs } = this.#options;
    const leftMs = isWaiting() ? this.#movedAt + slowConsumerMs - clock.now() : heartbeatMs;
    if (leftMs <= 0) return slow();
    this.#stop = clock.after(Math.min(heartbeatMs, leftMs), () => this.#beat());
    ping();
  }
}
