import type { InputId } from '../../../domain/ids.js';
import type { RecoverRequest } from '../../../ports/execution-backend.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';

import type { Outlet } from './outlet.js';

export interface TakenOver {
  readonly outlet: Outlet;
  /** The inputs that it took. */
  readonly inputs: ReadonlyMap<InputId, true>;
  /** The run that is open. */
  readonly run: { readonly inputId: InputId; askAgain(outlet: Outlet): void } | undefined;
  /** Ends the open run without a word. `false`: it goes on. */
  readonly silence: () => Promise<boolean>;
  readonly isResumed: boolean;
}

/**
 * Lets an execution that lives go on under the generation of `publisher`, from the position of `request`. A run that the
 * host does not know of is ended silently. Answers what it took, or `undefined` where something would be missing.
 */
export async function takeOver(
  { position, inputId }: RecoverRequest,
  publisher: ObservationPublisher,
  { outlet, inputs, run, silence, isResumed }: TakenOver,
): Promise<{ readonly taken?: boolean } | undefined> {
  if (run && run.inputId !== inputId && !(await silence())) return undefined;
  if (!outlet.covers(position)) return undefined;
  outlet.move(publisher, position, inputId);
  if (!isResumed) run?.askAgain(outlet);
  return inputId === undefined ? {} : { taken: inputs.has(inputId) };
}
