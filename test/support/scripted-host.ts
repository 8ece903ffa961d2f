import type { Observation } from '../../src/index.js';

import { testEpoch } from './observations.js';
import { noticeAt } from './scripted-notices.js';
import { workerView } from './scripted-gateway.js';

/** What becomes of the next connection. It is kept where nothing is said. */
export type Fate =
  /** So many characters of its stream, or messages of its socket, are heard, then it is gone. `quietly`: as if it had ended. */
  | { readonly cutAfter: number; readonly quietly?: true }
  /** Never answered. */
  | 'hang'
  /** Open, but who asks to watch is never answered. */
  | 'mute'
  /** The network is not there. */
  | 'unreachable'
  /** Refused by a Problem of this code, or of a socket by its close code. */
  | { readonly problem: string; readonly status: number; readonly close?: number }
  /** Answered by something else. */
  | { readonly page: string; readonly status: number };

type Said =
  | { readonly type: 'snapshot'; readonly cursor: string }
  | { readonly type: 'observation'; readonly observation: Observation }
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'end'; readonly code: string };

interface Watcher {
  say(said: readonly Said[]): void;
  cut(): void;
}

const problemJson = (code: string, status: number) =>
  JSON.stringify({ type: `urn:workport:problem:${code}`, title: code, status, code, outcome: 'rejected' });

const refusal = (code: string, status: number) =>
  new Response(problemJson(code, status), { status, headers: { 'content-type': 'application/problem+json' } });

/** A host of one Worker whose log is notices, with a network between that a test commands. */
export class ScriptedHost {
  /** What becomes of the connections that come, in order. */
  readonly fates: Fate[] = [];
  /** Where each stream that was asked for begins. */
  readonly asked: (string | undefined)[] = [];
  /** The tokens that came. */
  readonly tokens: (string | undefined)[] = [];
  /** Connections that are open. */
  open = 0;
  #last = 0;
  #epoch: string = testEpoch;
  #first = 1;
  #silenced = false;
  readonly #watchers = new Set<Watcher>();

  /** Adds so many observations to the log, which who watches is told at once. */
  say(count: number): void {
    const from = this.#last + 1;
    this.#last += count;
    this.#tell(this.#observations(from));
  }

  end(code: string): void {
    this.#tell([{ type: 'end', code }]);
  }

  /** Every connection is gone. */
  cut(): void {
    for (const watcher of [...this.#watchers]) watcher.cut();
  }

  /** What is open now hears nothing more, and is not told so. */
  silence(): void {
    this.#watchers.clear();
    this.#silenced = true;
    this.open = 0;
  }

  /** Whether what is asked over an open socket is heard. */
  get isSilent(): boolean {
    return this.#silenced;
  }

  /** What came before is not kept. */
  retainFrom(sequence: number): void {
    this.#first = sequence;
  }

  /** As after a start whose tail is in doubt: cursors of before are not known. */
  restart(): void {
    this.#epoch = 'feedbeef';
  }

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { signal } = init;
    signal?.throwIfAborted();
    this.asked.push(new URL(url).searchParams.get('after') ?? undefined);
    this.tokens.push(new Headers(init.headers).get('authorization')?.replace('Bearer ', ''));
    const fate = this.fates.shift();
    if (fate === 'unreachable') throw new TypeError('fetch failed');
    if (fate === 'hang' || fate === 'mute') return hanging(signal);
    if (fate && 'page' in fate) return new Response(fate.page, { status: fate.status });
    if (fate && 'problem' in fate) return refusal(fate.problem, fate.status);
    const begin = this.begin(this.asked.at(-1));
    if (begin === 'cursor-unknown') return refusal(begin, 404);
    return new Response(this.#stream(begin, fate, signal), { headers: { 'content-type': 'text/event-stream' } });
  };

  /** What a stream begins with. */
  begin(after: string | undefined): readonly Said[] | 'cursor-unknown' {
    const snapshot: Said = { type: 'snapshot', cursor: this.#cursor(this.#last) };
    if (after === undefined) return [snapshot];
    const sequence = after === 'start' ? 0 : Number.parseInt(after.slice(-16), 16);
    if (after !== 'start' && after !== this.#cursor(sequence)) return 'cursor-unknown';
    if (sequence + 1 < this.#first) return [{ type: 'gap', from: sequence + 1, to: this.#first - 1 }, snapshot];
    return this.#observations(sequence + 1);
  }

  watch(watcher: Watcher): () => void {
    this.open += 1;
    this.#watchers.add(watcher);
    return () => {
      if (this.#watchers.delete(watcher)) this.open -= 1;
    };
  }

  #cursor(sequence: number): string {
    return `wo_${this.#epoch}_${sequence.toString(16).padStart(16, '0')}`;
  }

  #observations(from: number): readonly Said[] {
    return Array.from({ length: this.#last - from + 1 }, (_, index): Said => {
      const observation = noticeAt(from + index, this.#cursor(from + index));
      return { type: 'observation', observation };
    });
  }

  #tell(said: readonly Said[]): void {
    for (const watcher of [...this.#watchers]) watcher.say(said);
  }

  #stream(begin: readonly Said[], fate: Fate | undefined, signal: AbortSignal | null | undefined) {
    const encoder = new TextEncoder();
    let left = typeof fate === 'object' && 'cutAfter' in fate ? fate.cutAfter : Infinity;
    const isQuiet = typeof fate === 'object' && 'quietly' in fate;
    let leave = (): void => undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const cut = (): void => {
          leave();
          if (isQuiet) controller.close();
          else controller.error(new TypeError('terminated'));
        };
        const write = (text: string): void => {
          if (left < 0) return;
          const heard = text.slice(0, left);
          left -= text.length;
          if (heard !== '') controller.enqueue(encoder.encode(heard));
          if (left > 0) return;
          left = -1;
          // What was heard is read before the end is.
          setImmediate(cut);
        };
        leave = this.watch({ say: (said) => write(said.map(eventText).join('')), cut });
        signal?.addEventListener('abort', () => {
          leave();
          left = -1;
          controller.error(signal.reason);
        });
        write(`retry: 1000\n\n${begin.map(eventText).join('')}`);
      },
      cancel: () => leave(),
    });
  }
}

function hanging(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
}

function eventText(said: Said): string {
  switch (said.type) {
    case 'observation':
      return `id: ${said.observation.cursor}\nevent: observation\ndata: ${JSON.stringify(said.observation)}\n\n`;
    case 'snapshot':
      return `id: ${said.cursor}\nevent: snapshot\ndata: ${JSON.stringify(snapshotAt(said.cursor))}\n\n`;
    case 'gap':
      return `event: gap\ndata: ${JSON.stringify({ from: said.from, to: said.to })}\n\n`;
    case 'end':
      return `event: end\ndata: ${JSON.stringify({ code: said.code })}\n\n`;
  }
}

const snapshotAt = (cursor: string) => ({ worker: workerView, transcript: [], cursor });

/** What a socket says of a subscription, message by message. */
export function* messages(id: string, said: readonly Said[]): Generator<object, void, void> {
  for (const one of said) {
    if (one.type === 'observation') yield { type: 'events', id, observations: [one.observation] };
    else if (one.type === 'snapshot') yield { type: 'snapshot', id, ...snapshotAt(one.cursor) };
    else yield { ...one, id };
  }
}
