import { messageOf } from '../../contracts/message-of.js';
import type { SpawnOutcome } from '../../ports/execution-backend.js';

/** What is said where a backend does not connect the execution that is to show what it can. */
export function refusalLines(target: string, answer: Exclude<SpawnOutcome, { readonly outcome: 'connected' }>) {
  const code = 'code' in answer && answer.code !== undefined ? ` / ${answer.code}` : '';
  const detail = 'detail' in answer && answer.detail !== undefined ? `: ${messageOf(answer.detail)}` : '';
  return [
    `${target}: a first spawn, to see what it can, was answered ${String(answer.outcome)}${code}${detail}`,
    'where it takes some profiles only, name one in a file: --harness FILE with {"profile": {"name": "…", "options": {}}}',
  ];
}
