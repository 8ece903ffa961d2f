import type { Generation, InputId, Json, WorkerId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { ExecutionHandle } from '../../../ports/execution-backend.js';
import type {
  ExecutionExit,
  ObservationPublisher,
  PublishResult,
  Recorded,
} from '../../../ports/observation-publisher.js';
import type { RecoverResult, SpawnResult, StopResult, WireCapabilities } from '../../../protocol/ebp.js';
import type { AuthorCount } from './kept-state.js';
import { ServedInputs } from './served-inputs.js';
import type { ServedLink } from './served-link.js';
import { ServedQuestions } from './served-questions.js';
import type { StreamBegin } from './served-stream.js';
import { ServedStream } from './served-stream.js';

export interface ServedFacts {
  readonly capabilities: WireCapabilities;
  readonly codes?: string[] | undefined;
  readonly recoverState?: Json | undefined;
}

export interface Adoption {
  readonly link: ServedLink;
  readonly request: string;
  readonly answer: Promise<RecoverResult>;
}

export interface ServedWorkerOptions {
  /** As the author knows it. */
  readonly handle: ExecutionHandle;
  readonly begin: StreamBegin;
  /** How the author counts, where that is not how the host does. */
  readonly count?: AuthorCount | undefined;
  readonly link: ServedLink;
  /** Its exit is recorded, so that nobody asks for it any more. */
  readonly onExitAcknowledged: () => void;
  readonly onExit: () => void;
  /** The author went on publishing without waiting for room (P2). */
  readonly onOverrun: () => void;
}

/**
 * One execution at the serving end. The author sees one generation, the one it was begun with, for as long as the
 * execution lives; a take-over changes the generation on the wire alone.
 */
export class ServedWorker {
  readonly workerId: WorkerId;
  /** The generation under which it is known to the host. */
  generation: Generation;
  /** As the author knows it. */
  handle: ExecutionHandle;
  readonly inputs = new ServedInputs();
  readonly questions = new ServedQuestions();
  readonly stream: ServedStream;
  readonly publisher: ObservationPublisher;
  /** The connection that holds it. None: it waits for a host until its grace is over. */
  link: ServedLink | undefined;
  /** What it can do, once it has begun, in the author's words. */
  facts: ServedFacts | undefined;
  /** How the author counts, where that is not how the host does. */
  count: AuthorCount | undefined;
  /** The answer to the request that began it. */
  beginning: Promise<SpawnResult | RecoverResult> | undefined;
  /** The request of the host that holds it, with its answer: asked again, it is not sent everything once more (E5). */
  adoption: Adoption | undefined;
  /** How long it outlives the connection that holds it, in milliseconds. */
  outlivesMs: number;
  /** The answer to the stop that ends it. */
  stopping: Promise<StopResult> | undefined;
  isEnded = false;
  /** Counts the hosts that took it: the newest one holds it. */
  claims = 0;
  cancelGrace: () => void = () => undefined;
  readonly #options: ServedWorkerOptions;
  readonly #muted = new Set<InputId>();

  constructor(options: ServedWorkerOptions) {
    const { handle, begin, count, link, onExitAcknowledged } = options;
    this.#options = options;
    this.workerId = handle.workerId;
    this.generation = begin.generation;
    this.handle = handle;
    this.count = count;
    this.link = link;
    this.outlivesMs = link.graceMs;
    this.stream = new ServedStream(handle.workerId, begin, link, onExitAcknowledged);
    this.publisher = {
      workerId: handle.workerId,
      generation: handle.generation,
      publish: (event) => this.#publish(event),
      disconnect: (exit) => this.#disconnect(exit),
      onRecorded: (listener: (upTo: Recorded) => void) => this.stream.onRecorded(listener),
      decide: () => Promise.resolve(),
    };
  }

  /** Whether inputs and controls can reach it. */
  isHeldBy(link: ServedLink): boolean {
    return this.link === link && this.facts !== undefined && !this.isEnded && !this.stream.isOver;
  }

  /** The host hears `facts`; the author sees the state that it gave itself. */
  begun(facts: ServedFacts): void {
    this.facts = facts;
    const { workerId, generation } = this.handle;
    this.handle = { workerId, generation, recoverState: facts.recoverState };
  }

  /** A host takes it over from whoever held it; its events wait for `follow`. Answers the number of the claim. */
  claim(link: ServedLink): number {
    this.detach();
    this.cancelGrace();
    this.link = link;
    this.outlivesMs = link.graceMs;
    this.claims += 1;
    return this.claims;
  }

  /** Sends what follows `number` over its new connection. After a take-over, open questions are asked again. */
  follow(link: ServedLink, number: number): void {
    const isTakeOver = this.stream.generation !== this.generation;
    this.stream.follow(link, this.generation, number);
    if (!isTakeOver) return;
    this.questions.renew(number, (event) => {
      this.stream.add(event, false);
      return this.stream.added;
    });
  }

  /** From `number` on, the host counts anew: it takes it over. */
  countFrom(number: number): void {
    const before = this.questions.isOpenAt(number) ? undefined : this.stream.authoredAt(number);
    this.count = before === undefined ? 'unclear' : { generation: this.handle.generation, before };
  }

  /** A run that no host knows of is being ended: it says nothing more. */
  mute(inputId: InputId): void {
    this.#muted.add(inputId);
  }

  detach(): void {
    this.link = undefined;
    this.stream.detach();
  }

  /** Nothing of it counts any more. What it has said still goes out. */
  end(): void {
    this.isEnded = true;
    this.cancelGrace();
    this.stream.close();
  }

  #publish(event: BackendEvent): Promise<PublishResult> {
    if (event.inputId !== undefined && this.#muted.has(event.inputId)) return refusal('no-open-run');
    const code = this.stream.add(this.questions.translate(event), true);
    if (code) return refusal(code);
    this.questions.follow(event, this.stream.added);
    if (event.inputId !== undefined) this.inputs.follow(event.inputId, event.type);
    if (this.stream.isOverrun) this.#options.onOverrun();
    return this.stream.room();
  }

  #disconnect(exit: ExecutionExit): Promise<void> {
    if (!this.isEnded && !this.stream.isOver) {
      this.stream.exit(exit);
      this.#options.onExit();
    }
    return Promise.resolve();
  }
}

const refusal = (code: Extract<PublishResult, { outcome: 'refused' }>['code']): Promise<PublishResult> =>
  Promise.resolve({ outcome: 'refused', code });
