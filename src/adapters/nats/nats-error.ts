/**
 * `package-missing`: the client is not installed. `unreachable`: no server answers. `denied`: the server refuses the
 * account. `no-responders`: nobody there serves what was asked; it was not done. `not-sent`: there is no connection; it
 * was not done. `no-answer`: it may have been done.
 */
export type NatsProblem = 'package-missing' | 'unreachable' | 'denied' | 'no-responders' | 'not-sent' | 'no-answer';

/** Its message names no address: one may hold what nobody is to see. */
export class NatsError extends Error {
  readonly problem: NatsProblem;

  constructor(problem: NatsProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}
