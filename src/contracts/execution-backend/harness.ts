import type { Json } from '../../domain/ids.js';
import type { Answer, BackendEvent, Part } from '../../domain/observation/event.js';
import type { Capabilities, ExecutionBackend, ExecutionHandle } from '../../ports/execution-backend.js';
import type { Capability } from '../contract-case.js';

type Parts = readonly Part[];
type Asked = Extract<BackendEvent, { readonly type: 'question-asked' }>;

/** Inputs that make the backend under test do what a case needs. Those left out skip the cases that need them. */
export interface HarnessInputs {
  /** Runs to `completed`. */
  completes(): Parts;
  /** Publishes at least `count` content events, as fast as it can, then completes. */
  streams?(count: number): Parts;
  /** Runs until it is cancelled or stopped; publishes at least one event that names it when it has begun. */
  runsUntilCancelled?(): Parts;
  /** Asks one question and says nothing until it is answered, then publishes at least one event and completes. */
  asks?(): Parts;
  /** Ends `failed`. */
  fails?(): Parts;
}

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
    ['fails', inputs.fails],
    ['refused-profile', harness.refusedProfile],
    ['canaries', harness.canaries],
    ['crash', harness.crash],
    ['cut', harness.cut],
  ];
  return [
    ...all.filter((capability) => declared[capability]),
    ...provocations.filter(([, there]) => there !== undefined).map(([capability]) => capability),
  ];
}
