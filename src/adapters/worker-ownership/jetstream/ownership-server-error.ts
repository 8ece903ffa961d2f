import { NatsError } from '../../nats/index.js';

/**
 * Why a server cannot say who owns what. `package-missing`: its client is not installed. `unreachable`: it does not
 * answer. `denied`: it refuses the account. `no-jetstream`: it keeps nothing, or not for this account. `too-old`: it
 * cannot do what is needed. `other-configuration`: a bucket of that name is there, and is another.
 */
export type OwnershipServerProblem =
  'package-missing' | 'unreachable' | 'denied' | 'no-jetstream' | 'too-old' | 'other-configuration';

export class OwnershipServerError extends Error {
  readonly problem: OwnershipServerProblem;

  constructor(problem: OwnershipServerProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

const problemOf = (cause: NatsError): OwnershipServerProblem =>
  cause.problem === 'package-missing' || cause.problem === 'denied' ? cause.problem : 'unreachable';

/** What keeps a host from entering, to a person. */
export function serverErrorOf(cause: unknown): Error {
  if (cause instanceof NatsError) {
    return new OwnershipServerError(problemOf(cause), `the ownership of Workers: ${cause.message}`, { cause });
  }
  return cause instanceof Error ? cause : new Error('the ownership of Workers cannot be used', { cause });
}
