import { NatsError } from '../../nats/index.js';

/**
 * Why a server cannot keep the log. `package-missing`: its client is not installed. `unreachable`: it does not answer.
 * `denied`: it refuses the account. `no-jetstream`: it keeps nothing, or not for this account. `too-old`: it cannot do
 * what is needed. `other-configuration`: a stream of that name is there, and is another.
 */
export type LogServerProblem =
  'package-missing' | 'unreachable' | 'denied' | 'no-jetstream' | 'too-old' | 'other-configuration';

export class LogServerError extends Error {
  readonly problem: LogServerProblem;

  constructor(problem: LogServerProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

const problemOf = (cause: NatsError): LogServerProblem =>
  cause.problem === 'package-missing' || cause.problem === 'denied' ? cause.problem : 'unreachable';

/** What kept a log from being opened, to a person. */
export function serverErrorOf(cause: unknown): Error {
  if (cause instanceof NatsError) return new LogServerError(problemOf(cause), `the log: ${cause.message}`, { cause });
  return cause instanceof Error ? cause : new Error('the log cannot be opened', { cause });
}
