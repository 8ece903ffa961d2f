import type { Operation } from '../domain/outcome.js';
import { rejected } from '../domain/outcome.js';
import type { Principal, Scope } from '../ports/authenticator.js';
import type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../ports/browser-gateway.js';
import { refusedFrames } from './frames.js';

/** What each operation needs. A new operation does not compile until it is here. */
const scopeOf: Readonly<Record<Operation, Scope>> = {
  input: 'input',
  answer: 'input',
  cancel: 'input',
  create: 'control',
  reconnect: 'control',
  stop: 'control',
  delete: 'control',
};

/** A gateway as one principal may use it: its scopes are checked here, what exists for it is decided behind it (B4). */
export function scoped(gateway: BrowserGateway, principal: Principal): BrowserGateway {
  const may = (scope: Scope): boolean => principal.scopes.includes(scope);
  const asPrincipal = (call?: CallOptions): CallOptions => ({ ...call, principal });
  return {
    execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      if (!may(scopeOf[command.type])) return Promise.resolve(rejected('forbidden'));
      return gateway.execute(command, asPrincipal(call));
    },
    async read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>> {
      if (!may('read')) return rejected('forbidden');
      return gateway.read(query, asPrincipal(call));
    },
    observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame> {
      return may('read') ? gateway.observe(worker, from, asPrincipal(call)) : refusedFrames(rejected('forbidden'));
    },
  };
}
