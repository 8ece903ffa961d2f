import type { RunResult } from './messages.js';

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly size: number;
}

/** An event of output is at most so long; escaped as JSON it may be six times that. */
export const maxChunkCharacters = 32 * 1024;

/** What one run has printed and nobody has taken yet, and how it ends. */
export class Turn {
  readonly run: number;
  readonly result: Promise<RunResult>;
  #chunks: OutputChunk[] = [];
  #isDiscarded = false;
  #isOpen = true;
  #wake: () => void = () => undefined;
  #settle: (result: RunResult) => void = () => undefined;

  constructor(run: number) {
    this.run = run;
    this.result = new Promise((resolve) => (this.#settle = resolve));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isDiscarded(): boolean {
    return this.#isDiscarded;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  add(chunk: OutputChunk): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  /** Nothing comes after what is there. */
  end(result: RunResult): void {
    this.#isOpen = false;
    this.#settle(result);
    this.#wake();
  }

  /** Nobody wants its output any more: answers what is there. */
  discard(): OutputChunk[] {
    this.#isDiscarded = true;
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** The next output, neighbours of one stream joined. `undefined`: the run has ended. For one caller at a time. */
  async next(): Promise<OutputChunk | undefined> {
    while (this.#chunks.length === 0) {
      if (!this.#isOpen) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#join();
  }

  #join(): OutputChunk | undefined {
    const first = this.#chunks[0];
    if (!first) return undefined;
    let { text, size } = first;
    let count = 1;
    for (let next = this.#chunks[count]; next; next = this.#chunks[count]) {
      if (next.stream !== first.stream || text.length + next.text.length > maxChunkCharacters) break;
      text += next.text;
      size += next.size;
      count += 1;
    }
    this.#chunks.splice(0, count);
    return { stream: first.stream, text, size };
  }
}
