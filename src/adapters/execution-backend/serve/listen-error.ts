export type ListenProblem =
  /** Something else listens there. */
  | 'in-use'
  /** An option, a file or a folder is wrong; the message says which, and what to do. */
  | 'configuration'
  /** The system did not allow it. */
  | 'system';

/** Says why nothing listens, and what to do about it. */
export class ListenError extends Error {
  readonly problem: ListenProblem;

  constructor(problem: ListenProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.problem = problem;
  }
}
