import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';

import { isMintedId } from '../../../domain/ids.js';
import type { QuestionOption } from '../../../domain/observation/event.js';
import type { Ask } from '../held/questions.js';

/** Nobody has allowed or refused it: what the protocol asks for where a run is cancelled. */
export const notAnswered: RequestPermissionResponse = { outcome: { outcome: 'cancelled' } };

/** Theirs, where it is an id of ours too and no option before it has it: none is ever mistaken for another. */
function idOf(theirs: string, taken: ReadonlyMap<string, string>): string {
  if (isMintedId(theirs) && !taken.has(theirs)) return theirs;
  let count = taken.size + 1;
  while (taken.has(`option-${count}`)) count += 1;
  return `option-${count}`;
}

/** Asks a person, and answers what was chosen: never anything by itself (W17). */
export async function askPermission(
  { options }: RequestPermissionRequest,
  prompt: string,
  ask: Ask,
  signal: AbortSignal,
): Promise<RequestPermissionResponse> {
  const theirs = new Map<string, string>();
  const offered = options.map(({ optionId, name }): QuestionOption => {
    const ours = idOf(optionId, theirs);
    theirs.set(ours, optionId);
    return { optionId: ours, label: name };
  });
  const answer = await ask({ prompt, options: offered }, { signal }).catch(() => undefined);
  const optionId = answer && 'optionId' in answer ? theirs.get(answer.optionId) : undefined;
  return optionId === undefined ? notAnswered : { outcome: { outcome: 'selected', optionId } };
}
