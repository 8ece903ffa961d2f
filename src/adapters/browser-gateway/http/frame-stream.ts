import type { StreamEndCode } from '../../../domain/codes.js';
import type { Frame } from '../../../ports/browser-gateway.js';
import type { Clock } from '../../../ports/clock.js';
import type { PulseOptions } from '../edge/pulse.js';
import { Pulse } from '../edge/pulse.js';

import { endBytes, frameBytes, heartbeat, streamStart } from './sse.js';

export interface FrameStreamDependencies {
  readonly clock: Clock;
  /** Called once, however the stream ends: everything that it held is to be released. */
  readonly released: () => void;
  /** Called where a reader took no byte for too long: what cannot be written is not waited for. */
  readonly slow: () => void;
  readonly failed: (error: unknown) => void;
}

/** What is larger goes out in pieces, so that a reader that takes some of it is not taken for one that takes nothing. */
const pieceBytes = 65_536;
const nothing = new Uint8Array();

type Bytes = Uint8Array<ArrayBuffer>;

function* iterated(bytes: Iterable<Bytes>): Generator<Bytes, void> {
  yield* bytes;
}

function* followed(bytes: Iterable<Bytes>, last: Bytes): Generator<Bytes, void> {
  yield* bytes;
  yield last;
}

/**
 * The frames of one observer as a stream of bytes. The next frame is asked for when the reader has taken the one
 * before, and of a frame only what goes out next is made into bytes, once for all who have that frame: a slow reader
 * falls behind in the log, and nothing piles up here (P3).
 */
export class FrameStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #dependencies: FrameStreamDependencies;
  readonly #next: () => Promise<IteratorResult<Frame>>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** What is left of the frame at hand, and of what was begun of it. */
  #frame: Generator<Bytes, void> = iterated([streamStart]);
  #rest: Bytes = nothing;
  /** The reader waits for bytes. */
  #isWanted = false;
  #isFetching = false;
  /** No frame follows: what is left is written, then the stream closes. */
  #isEnding = false;
  #isReleased = false;
  readonly #pulse: Pulse;

  constructor(
    next: () => Promise<IteratorResult<Frame>>,
    options: PulseOptions,
    dependencies: FrameStreamDependencies,
  ) {
    this.#next = next;
    this.#dependencies = dependencies;
    this.#pulse = new Pulse(options, {
      clock: dependencies.clock,
      ping: () => {
        if (this.#isWanted) this.#enqueue(heartbeat);
      },
      isWaiting: () => !this.#isWanted,
      slow: () => this.#closeSlow(),
    });
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => {
          this.#isWanted = true;
          this.#advance();
        },
        cancel: () => this.release(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes what is left and `end` after it, then closes. */
  end(code: StreamEndCode): void {
    if (this.#isEnding || this.#isReleased) return;
    this.#isEnding = true;
    this.#frame = followed(this.#frame, endBytes(code));
    this.#advance();
  }

  /** Ends at once, in the middle of whatever was being told. */
  close(): void {
    if (this.#isReleased) return;
    this.release();
    this.#controller?.close();
  }

  /** Lets go of everything; for a body that nobody reads. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#pulse.stop();
    this.#dependencies.released();
  }

  #advance(): void {
    if (!this.#isWanted || this.#isReleased) return;
    if (this.#hasRest()) this.#give();
    else if (this.#isEnding) this.close();
    else if (!this.#isFetching) void this.#fetch();
  }

  #give(): void {
    const piece = this.#rest.subarray(0, pieceBytes);
    this.#rest = this.#rest.subarray(piece.byteLength);
    this.#enqueue(piece);
    if (this.#isEnding && !this.#hasRest()) this.close();
  }

  #hasRest(): boolean {
    if (this.#rest.byteLength === 0) {
      const next = this.#frame.next();
      this.#rest = next.done ? nothing : next.value;
    }
    return this.#rest.byteLength > 0;
  }

  #enqueue(bytes: Uint8Array): void {
    this.#isWanted = false;
    this.#pulse.moved();
    this.#controller?.enqueue(bytes);
  }

  async #fetch(): Promise<void> {
    this.#isFetching = true;
    try {
      const result = await this.#next();
      if (!this.#isEnding) this.#take(result);
    } catch (error) {
      if (!this.#isReleased && !this.#isEnding) this.#dependencies.failed(error);
      this.#isEnding = true;
    }
    this.#isFetching = false;
    this.#advance();
  }

  #take(result: IteratorResult<Frame>): void {
    const frame = result.done ? undefined : result.value;
    if (!frame || frame.type === 'problem') {
      this.#isEnding = true;
      return;
    }
    this.#frame = iterated(frameBytes(frame));
    if (frame.type === 'end') this.#isEnding = true;
  }

  #closeSlow(): void {
    if (this.#rest.byteLength === 0) this.#controller?.enqueue(endBytes('slow-consumer'));
    this.close();
    this.#rest = nothing;
    this.#dependencies.slow();
  }
}
