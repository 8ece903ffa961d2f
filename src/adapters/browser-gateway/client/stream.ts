import type { StreamEndCode } from '../../../domain/codes.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import type { Frame, WorkerRef } from '../../../ports/browser-gateway.js';

import { backOffMs, wait } from './clock.js';
import type { Connections } from './connections.js';
import type { CarriedFrames, Transport } from './transport.js';
import { problemFrame } from './transport.js';
import type { Context } from './options.js';
import { attempts } from './options.js';
import { unavailable } from './refusal.js';

export interface StreamDependencies {
  readonly context: Context;
  readonly transport: Transport;
  readonly connections: Connections;
}

/** Why a leg ended: `over`, so is the stream. */
type Verdict = 'over' | 'lost' | 'again' | Rejected | Errored;

/** What a caller who was there before is told by a refusal that no time cures. A Worker that is not found is as good as deleted (B4). */
const endByRefusal: Readonly<Partial<Record<string, StreamEndCode>>> = {
  'worker-unknown': 'worker-deleted',
  'runtime-unknown': 'worker-deleted',
  forbidden: 'revoked',
  unauthenticated: 'revoked',
};

/** Ends that say something about the connection, and nothing about the Worker. */
const isOfConnection = (frame: Frame): boolean =>
  frame.type === 'end' && (frame.code === 'server-draining' || frame.code === 'slow-consumer');

const unauthenticated: Rejected = { outcome: 'rejected', code: 'unauthenticated' };

/** One observer of one Worker, over as many connections as it takes. */
export class Stream {
  readonly #worker: WorkerRef;
  readonly #dependencies: StreamDependencies;
  readonly #signal: AbortSignal;
  /** Where it goes on. */
  #after: string | undefined;
  /** The host has taken it once: from then on it comes back until somebody ends it. */
  #isEstablished = false;
  #isShown = false;
  #failures = 0;
  #openedAt: number | undefined;
  /** Its token was refused, or ended, since it was last connected for a while. */
  #isDenied = false;

  constructor(worker: WorkerRef, after: string | undefined, signal: AbortSignal, dependencies: StreamDependencies) {
    this.#worker = worker;
    this.#after = after;
    this.#signal = signal;
    this.#dependencies = dependencies;
  }

  async *frames(): AsyncGenerator<Frame, void, void> {
    const { context, transport, connections } = this.#dependencies;
    try {
      for (;;) {
        const verdict = yield* this.#carried(transport.open(this.#worker, this.#after, this.#signal));
        if (verdict === 'over') return;
        if (verdict === 'again') continue;
        this.#closed();
        const last = this.#lastAfter(verdict);
        if (last) return yield last;
        await wait(backOffMs(this.#failures, context), context.clock, this.#signal);
        this.#failures += 1;
      }
    } finally {
      connections.forget(this);
    }
  }

  async *#carried(leg: CarriedFrames): AsyncGenerator<Frame, Verdict, void> {
    /** Shown with the snapshot that follows it: where that is lost, both come again. */
    let gap: Frame | undefined;
    try {
      for (;;) {
        const { done, value } = await leg.next();
        if (done) return value;
        if (value.type === 'opened') this.#opened();
        else if (value.type === 'problem') return value.problem;
        else if (isOfConnection(value)) return 'lost';
        else if (this.#mayBeRenewed(value)) return unauthenticated;
        else if (value.type === 'gap') gap = value;
        else {
          if (gap) yield gap;
          gap = undefined;
          this.#passed(value);
          yield value;
          if (value.type === 'end') return 'over';
        }
      }
    } finally {
      await leg.return('lost');
    }
  }

  #opened(): void {
    this.#isEstablished = true;
    this.#openedAt = this.#dependencies.context.clock.now();
    this.#dependencies.connections.set(this, true);
  }

  /** A connection that was good for a while starts anew, also where there was nothing to tell. */
  #closed(): void {
    const { connections, context } = this.#dependencies;
    if (!this.#isEstablished) return;
    connections.set(this, false);
    if (this.#openedAt !== undefined && context.clock.now() - this.#openedAt >= context.maxDelayMs) {
      this.#failures = 0;
      this.#isDenied = false;
    }
    this.#openedAt = undefined;
  }

  #passed(frame: Frame): void {
    this.#isShown = true;
    this.#failures = 0;
    if (frame.type === 'snapshot') this.#after = frame.cursor;
    else if (frame.type === 'events') this.#after = frame.observations.at(-1)?.cursor ?? this.#after;
  }

  /** The frame that ends it, or none where it is to try again. */
  #lastAfter(verdict: 'lost' | Rejected | Errored): Frame | undefined {
    if (verdict === 'lost') {
      return this.#isEstablished || this.#failures < attempts - 1 ? undefined : problemFrame(unavailable('no'));
    }
    if (!this.#isEstablished) return problemFrame(verdict);
    if (verdict.code === 'cursor-unknown' || verdict.code === 'cursor-invalid') this.#after = undefined;
    const code = endByRefusal[verdict.code];
    if (code === undefined || this.#mayBeDeniedOnce(verdict)) return undefined;
    return this.#isShown ? { type: 'end', code } : problemFrame(verdict);
  }

  /** A token that has ended, as a JWT does that expires, is refused like one that is not known: the next one may be good. */
  #mayBeRenewed(frame: Frame): boolean {
    return frame.type === 'end' && frame.code === 'revoked' && this.#dependencies.context.isTokenRenewed;
  }

  /** A token may have been replaced meanwhile: it is asked for once more. */
  #mayBeDeniedOnce({ code }: Rejected | Errored): boolean {
    if (code !== 'unauthenticated' || this.#isDenied) return false;
    this.#isDenied = true;
    return true;
  }
}
