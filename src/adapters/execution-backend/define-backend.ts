import { BackendId } from '../../domain/ids.js';
import type {
  Capabilities,
  ExecutionBackend,
  ExecutionFacts,
  RecoverOutcome,
  SpawnOutcome,
} from '../../ports/execution-backend.js';

/** The facts of an execution as a definition gives them: what is not said of its capabilities follows from what is there. */
export type DefinedFacts = Omit<ExecutionFacts, 'capabilities'> & {
  /** Only to take one back for this execution: what the definition leaves out cannot be declared. */
  readonly capabilities?: Partial<Capabilities> | undefined;
};

type Defined<Answer extends { readonly outcome: string }, Connected extends Answer['outcome']> =
  | Exclude<Answer, { readonly outcome: Connected }>
  | (Omit<Extract<Answer, { readonly outcome: Connected }>, keyof ExecutionFacts> & DefinedFacts);

type Asynchronous<Method extends (...args: never) => unknown, Answer> = (
  ...args: Parameters<Method>
) => Promise<Answer> | Answer;

/** A backend by its parts. `spawn` and `dispatch` it must have; each other operation is a capability (H13). */
export interface BackendDefinition {
  /** `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`. Private: it is never shown. */
  readonly id: string;
  readonly spawn: Asynchronous<ExecutionBackend['spawn'], Defined<SpawnOutcome, 'connected'>>;
  readonly dispatch: ExecutionBackend['dispatch'];
  /** Declares `recover`. */
  readonly recover?: Asynchronous<ExecutionBackend['recover'], Defined<RecoverOutcome, 'adopted'>> | undefined;
  /** Declares `questions`. */
  readonly answer?: ExecutionBackend['answer'] | undefined;
  /** Declares `cancel`. */
  readonly cancel?: ExecutionBackend['cancel'] | undefined;
  /** Declares `stop`. */
  readonly stop?: ExecutionBackend['stop'] | undefined;
  /** Ends everything that is left. Called once. */
  readonly dispose?: (() => Promise<void> | void) | undefined;
}

const operations = { cancel: 'cancel', stop: 'stop', recover: 'recover', questions: 'answer' } as const;

function declared(definition: BackendDefinition, said: Partial<Capabilities> = {}): Capabilities {
  const has = (capability: keyof Capabilities): boolean =>
    definition[operations[capability]] !== undefined && said[capability] !== false;
  return { cancel: has('cancel'), stop: has('stop'), recover: has('recover'), questions: has('questions') };
}

const unsupported = (): Promise<{ readonly outcome: 'unsupported' }> => Promise.resolve({ outcome: 'unsupported' });

/**
 * A whole backend from the operations that an author has: each that is left out answers `unsupported` and is not
 * declared. Everything else the port asks for is the author's own work; `generatorBackend` does it for the common case.
 * Throws `TypeError` for an `id` of the wrong form.
 */
export function defineBackend(definition: BackendDefinition): ExecutionBackend {
  const { recover } = definition;
  let disposed: Promise<void> | undefined;
  return {
    specification: 'execution-backend/1',
    id: BackendId(definition.id),
    async spawn(request, publisher, call) {
      const answer = await definition.spawn(request, publisher, call);
      if (answer.outcome !== 'connected') return answer;
      return { ...answer, capabilities: declared(definition, answer.capabilities) };
    },
    async recover(request, publisher, call) {
      if (recover === undefined) return { outcome: 'unsupported' };
      const answer = await recover(request, publisher, call);
      if (answer.outcome !== 'adopted') return answer;
      return { ...answer, capabilities: declared(definition, answer.capabilities) };
    },
    dispatch: async (handle, input, call) => definition.dispatch(handle, input, call),
    answer: async (handle, answer, call) => (definition.answer ?? unsupported)(handle, answer, call),
    cancel: async (handle, request, call) => (definition.cancel ?? unsupported)(handle, request, call),
    stop: async (handle, request, call) => (definition.stop ?? unsupported)(handle, request, call),
    [Symbol.asyncDispose]: () => (disposed ??= Promise.resolve(definition.dispose?.())),
  };
}
