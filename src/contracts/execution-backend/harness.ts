import type { Json } from '../../domain/ids.js';
import type { Answer, BackendEvent, Part } from '../../domain/observation/event.js';
import type { Capabilities, ExecutionBackend, ExecutionHandle } from '../../ports/execution-backend.js';
import type { Capability } from '../contract-case.js';

export type Asked = Extract<BackendEvent, { readonly type: 'question-asked' }>;
type Parts = readonly Part[];

/** Inputs that make the backend under test do what a case needs. Those left out skip the cases that need them. */
export interface HarnessInputs {
  /** Runs to `completed`. */
  completes(): Parts;
  /**
   * Publishes at least `count` content events of at least `bytes` each (1), as fast as it can, then completes. Says the
   * same to each new Worker, but for ids.
   */
  streams?(count: number, bytes?: number): Parts;
  /** Runs until it is cancelled or stopped; publishes at least one event that names it when it has begun. */
  runsUntilCancelled?(): Parts;
  /** Asks one question and says nothing until it is answered, then publishes at least one event and completes. */
  asks?(): Parts;
  /** Asks one question, withdraws it or lets it expire by itself, and completes. */
  withdraws?(): Parts;
  /** Ends `failed`. */
  fails?(): Parts;
}

/** The bytes of a connection, as lines of the wire go over it. `WireTransport` of `workport/backends/serve` fits. */
export interface WireConnection {
  /** Begins to read. Called once. Chunks may split lines and characters anywhere. */
  start(onChunk: (chunk: Uint8Array) => void): void;
  /** Answers a promise where it takes no more at once. Never throws and never rejects. */
  write(text: string): Promise<void> | undefined;
  /** Lets what was written go out, then closes. Idempotent. */
  close(): void;
  /** Resolves once, when nothing more comes in. */
  readonly closed: Promise<void>;
  /** How many lines were sent over it before, to show a key. None. */
  readonly linesSent?: number | undefined;
}

/** A backend at the other end of a wire, before anybody has spoken to it. Disposing ends it. */
export interface WireUnderTest extends AsyncDisposable {
  /** The first time the connection to it; where the harness `reconnects`, every time a new one to the same backend. */
  connect(): Promise<WireConnection>;
}

/** The profile of executions whose harness names none. */
export const defaultProfile = { name: 'contract', options: {} };

/** A backend under test, and the power to provoke it. */
export interface ExecutionBackendHarness {
  /** A fresh backend that shares nothing with any other. The suite disposes it. */
  create(call: { readonly signal: AbortSignal }): Promise<ExecutionBackend>;
  readonly inputs: HarnessInputs;
  /** What its executions declare. What is left out is not declared. */
  readonly capabilities?: Partial<Capabilities> | undefined;
  /** The profile that executions are spawned with. `{ name: 'contract', options: {} }`. */
  readonly profile?: { readonly name: string; readonly options: Json } | undefined;
  /** A profile that it refuses to spawn. */
  readonly refusedProfile?: { readonly name: string; readonly options: Json } | undefined;
  /** The answer that `asks` waits for. The first option, else the text `yes`. */
  readonly answerTo?: ((question: Asked) => Answer) | undefined;
  /** Multiplies every deadline of the suite, for slow backends. 1: five seconds a case. */
  readonly timing?: number | undefined;
  /** Secrets planted on the backend's side (options, environment, arguments, errors); none may come out. */
  readonly canaries?: readonly string[] | undefined;
  /** Ends what executes this Worker the way a crash does. */
  readonly crash?: ((backend: ExecutionBackend, handle: ExecutionHandle) => Promise<void>) | undefined;
  /** Cuts the connection to what executes; it comes back by itself. */
  readonly cut?: ((backend: ExecutionBackend) => Promise<void>) | undefined;
  /** Lets so much time pass for the backend, in milliseconds: a virtual clock moves on, and what falls due has run. */
  readonly elapse?: ((backend: ExecutionBackend, ms: number) => Promise<void>) | undefined;
  /** What of a backend still runs once it is disposed, in words for an operator. Nothing, if it keeps R5. */
  readonly leftovers?: ((backend: ExecutionBackend) => Promise<readonly string[]>) | undefined;
  /** A fresh backend behind its wire, for the cases that speak it line by line. */
  readonly wire?: ((call: { readonly signal: AbortSignal }) => Promise<WireUnderTest>) | undefined;
  /** Whether its executions outlive a connection of `wire`. `false`. */
  readonly reconnects?: boolean | undefined;
  /** Whether one connection of `wire` serves several Workers at a time. `false`. */
  readonly manyWorkers?: boolean | undefined;
}

const all = ['cancel', 'stop', 'recover', 'questions'] as const;

/** What a harness says its backends declare. */
export function declaredCapabilities({ capabilities = {} }: ExecutionBackendHarness): Capabilities {
  const { cancel = false, stop = false, recover = false, questions = false } = capabilities;
  return { cancel, stop, recover, questions };
}

/** What of the suite applies to a harness: for `register` and `checkContract`. */
export function capabilitiesOf(harness: ExecutionBackendHarness): readonly Capability[] {
  const declared = declaredCapabilities(harness);
  const { inputs } = harness;
  const provocations: readonly [Capability, unknown][] = [
    ['streams', inputs.streams],
    ['runs-until-cancelled', inputs.runsUntilCancelled],
    ['asks', inputs.asks],
    ['withdraws', inputs.withdraws],
    ['fails', inputs.fails],
    ['refused-profile', harness.refusedProfile],
    ['canaries', harness.canaries],
    ['crash', harness.crash],
    ['cut', harness.cut],
    ['elapse', harness.elapse],
    ['leftovers', harness.leftovers],
    ['wire', harness.wire],
    ['reconnects', harness.reconnects || undefined],
    ['many-workers', harness.manyWorkers || undefined],
  ];
  return [
    ...all.filter((capability) => declared[capability]),
    ...provocations.filter(([, there]) => there !== undefined).map(([capability]) => capability),
  ];
}
