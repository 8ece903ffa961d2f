import type { Decision, Circumstances } from '../domain/worker/decision.js';
import { decide } from '../domain/worker/decide.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Asked } from './caller.js';
import { defect } from './defect.js';

/** What cannot be decided changes nothing and hurts nobody but who asked. */
export function decided(
  state: WorkerState,
  command: Asked,
  circumstances: Circumstances,
  dependencies: { readonly clock: Clock; readonly logger: Logger },
): Decision {
  try {
    return decide(state, command, circumstances);
  } catch (cause) {
    return { reply: { ...defect(cause, dependencies), executed: 'no' }, facts: [], calls: [] };
  }
}
