import { Damage } from './damage.js';

/**
 * Why a folder cannot be used. `in-use`: another process has it. `newer-format`: a later version wrote it.
 * `damaged`: its files do not fit together; `workport doctor` reads what can be read. `unwritable`: it cannot be made
 * or written.
 */
export type LogFolderProblem = 'in-use' | 'newer-format' | 'damaged' | 'unwritable';

export class LogFolderError extends Error {
  readonly problem: LogFolderProblem;

  constructor(problem: LogFolderProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

interface EngineError extends Error {
  readonly code?: string;
  readonly cause?: { readonly code?: string; readonly message?: string };
}

/** What the engine's refusal to open means to a person. */
export function folderErrorOf(folder: string, thrown: unknown): LogFolderError {
  if (thrown instanceof LogFolderError) return thrown;
  const { cause } = thrown as EngineError;
  const [code = '', text = ''] = [cause?.code ?? (thrown as EngineError).code, cause?.message];
  if (code === 'LEVEL_LOCKED') {
    return new LogFolderError('in-use', `${folder} is in use by another host`, { cause: thrown });
  }
  if (thrown instanceof Damage || code === 'LEVEL_CORRUPTION' || /corruption|missing|CURRENT|MANIFEST/i.test(text)) {
    return new LogFolderError('damaged', `${folder} is damaged`, { cause: thrown });
  }
  return new LogFolderError('unwritable', `${folder} cannot be opened for writing`, { cause: thrown });
}
