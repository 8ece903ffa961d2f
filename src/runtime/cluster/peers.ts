import type { Json, WorkerId } from '../../domain/ids.js';
import type { WorkerView } from '../../domain/observation/view.js';
import type { Operation } from '../../domain/outcome.js';
import type { Principal } from '../../ports/authenticator.js';
import type { Command, OutcomeOf } from '../../ports/browser-gateway.js';
import type { HostLink } from '../../ports/host-link.js';
import type { Logger } from '../../ports/logger.js';
import type { HostId } from '../../ports/worker-ownership.js';
import { fitAnswer, fitOutcome } from '../../protocol/gateway-answers.js';
import { fitHostAnswer, fitHostRequest } from '../../protocol/host-requests.js';
import type { HostAnswer, HostRequest, ListRequest } from '../../protocol/host-requests.js';

/** `unsent`: it was not done. `unknown`: it may have been. */
export type PeerOutcome = OutcomeOf<Command> | 'elsewhere' | 'unsent' | 'unknown';

/** A command for a Worker of this Runtime. */
export interface Asked {
  readonly workerId: WorkerId;
  readonly command: Command;
  /** The input's id was minted for it, and nobody was asked with it before. */
  readonly isNewInput: boolean;
  readonly principal: Principal | undefined;
}

/** What this host answers to the others. */
export interface Answering {
  execute(asked: Asked): Promise<OutcomeOf<Command> | 'elsewhere'>;
  list(asked: ListRequest): readonly WorkerView[];
}

/** The other hosts of this Runtime. Of what they answer nothing is passed on but what has the public shapes (B1). */
export class Peers {
  readonly #link: HostLink;
  readonly #logger: Logger;

  constructor(link: HostLink, logger: Logger) {
    this.#link = link;
    this.#logger = logger;
  }

  async execute(hostId: HostId, asked: Asked, signal: AbortSignal): Promise<PeerOutcome> {
    const reply = await this.#ask(hostId, { type: 'execute', ...asked }, signal);
    if (typeof reply === 'string') return reply;
    if ('isElsewhere' in reply) return 'elsewhere';
    if ('isUnfit' in reply) return 'unsent';
    return 'outcome' in reply ? this.#fitted(hostId, asked.command.type, reply.outcome) : 'unknown';
  }

  /** Its Workers, ascending; `undefined` where it does not answer. */
  async list(hostId: HostId, asked: ListRequest, signal: AbortSignal): Promise<readonly WorkerView[] | undefined> {
    const reply = await this.#ask(hostId, { type: 'list', ...asked }, signal);
    if (typeof reply === 'string' || !('workers' in reply)) return undefined;
    const fit = fitAnswer('workers', { outcome: 'answered', workers: reply.workers });
    if ('value' in fit) return (fit.value as { readonly workers: readonly WorkerView[] }).workers;
    this.#logger.error('another host answered in a form that is not known', { hostId, cause: fit.misfit });
    return undefined;
  }

  /** Answers the others under an id, until the returned function is called. */
  serve(hostId: HostId, answering: Answering): Promise<() => void> {
    return this.#link.serve(hostId, async (request) => (await this.#answer(request, answering)) as unknown as Json);
  }

  async #answer(request: Json, answering: Answering): Promise<HostAnswer> {
    const fit = fitHostRequest(request);
    if ('value' in fit) return await answer(fit.value, answering);
    this.#logger.error('another host asked in a form that is not known', { cause: fit.misfit });
    return { isUnfit: true };
  }

  async #ask(hostId: HostId, request: HostRequest, signal: AbortSignal): Promise<HostAnswer | 'unsent' | 'unknown'> {
    const reply = await this.#link.ask(hostId, request as unknown as Json, { signal });
    if (reply.outcome === 'absent') return 'unsent';
    if (reply.outcome === 'broken')
      this.#logger.warn('another host was not reached', { hostId, asked: request.type, cause: reply.cause });
    else {
      const fit = fitHostAnswer(reply.answer);
      if ('value' in fit) return fit.value;
      this.#logger.error('another host answered in a form that is not known', { hostId, cause: fit.misfit });
    }
    return 'unknown';
  }

  #fitted(hostId: HostId, operation: Operation, outcome: unknown): PeerOutcome {
    const fit = fitOutcome(operation, outcome);
    if ('value' in fit) return fit.value as OutcomeOf<Command>;
    this.#logger.error('another host answered in a form that is not known', { hostId, cause: fit.misfit });
    return 'unknown';
  }
}

async function answer(asked: HostRequest, answering: Answering): Promise<HostAnswer> {
  const { principal } = asked;
  if (asked.type === 'list') return { workers: answering.list(asked) };
  const outcome = await answering.execute({ ...asked, command: asked.command as Command, principal });
  return outcome === 'elsewhere' ? { isElsewhere: true } : { outcome };
}
