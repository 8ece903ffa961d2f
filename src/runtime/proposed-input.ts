import { InputId } from '../domain/ids.js';
import type { ProposedInput } from '../domain/worker/command.js';
import type { Clock } from '../ports/clock.js';
import type { InputForm } from './command-form.js';
import { digestOf, newUuid } from './ids.js';

/** An input as a mailbox takes it: with an id, and what tells its content from another. */
export function proposed({ inputId, parts }: InputForm, clock: Clock): ProposedInput {
  const digest = digestOf(parts);
  return inputId ? { inputId, parts, digest } : { inputId: InputId(newUuid(clock.now())), parts, digest, isNew: true };
}
