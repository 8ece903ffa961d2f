import type { Operation } from '../domain/outcome.js';
import type { Principal } from '../ports/authenticator.js';
import type { BrowserGateway, CallOptions, Command, OutcomeOf } from '../ports/browser-gateway.js';
import type { LogFields, Logger } from '../ports/logger.js';

/** Operations that an operator wants to know of afterwards. A new operation does not compile until it is here. */
const isControl: Readonly<Record<Operation, boolean>> = {
  create: true,
  reconnect: true,
  stop: true,
  delete: true,
  input: false,
  answer: false,
  cancel: false,
};

/**
 * A gateway that writes one line `audit` into the operator's log for each control operation of `principal`, refused ones
 * included: who, what, which Worker, and what came of it. `unanswered` is one whose caller did not wait. No content.
 */
export function audited(
  gateway: BrowserGateway,
  { logger, principal }: { readonly logger: Logger; readonly principal: Principal },
): BrowserGateway {
  const write = (command: Command, fields: LogFields): void =>
    logger.info('audit', { principal: principal.id, operation: command.type, ...fields });
  return {
    async execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>> {
      if (!isControl[command.type]) return await gateway.execute(command, call);
      try {
        const outcome = await gateway.execute(command, call);
        write(command, { ...namedBy(command, outcome), ...toldBy(outcome) });
        return outcome;
      } catch (cause) {
        write(command, { ...namedBy(command), outcome: 'unanswered' });
        throw cause;
      }
    },
    read: (query, call) => gateway.read(query, call),
    observe: (worker, from, call) => gateway.observe(worker, from, call),
  };
}

/** Which Worker: of a create the one that it made. */
function namedBy(command: Command, outcome?: OutcomeOf<Command>): LogFields {
  if (command.type !== 'create') return { ...command.worker };
  const { runtimeId } = command;
  return outcome && 'worker' in outcome ? { runtimeId, workerId: outcome.worker.workerId } : { runtimeId };
}

const toldBy = (outcome: OutcomeOf<Command>): LogFields => ({
  outcome: outcome.outcome,
  ...('code' in outcome && { code: outcome.code }),
  ...('correlationId' in outcome && { correlationId: outcome.correlationId }),
});
