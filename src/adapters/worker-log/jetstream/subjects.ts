import type { InputId, WorkerId } from '../../../domain/ids.js';

/** What a message is about. The names of Workers and inputs are UUIDs: one word each. */
export interface Subjects {
  /** The records of a Worker: the last one is where it stands. */
  log(workerId: WorkerId): string;
  /** A copy of each record as it comes, kept by nobody; without a header it says that something has changed. */
  said(workerId: WorkerId): string;
  /** Of records that are too long for one message: what follows their beginning. */
  piece(workerId: WorkerId): string;
  /** Where a log begins that was trimmed. */
  first(workerId: WorkerId): string;
  input(workerId: WorkerId, inputId: InputId | '*'): string;
  readonly everyLog: string;
  readonly stored: readonly string[];
  readonly republish: { readonly src: string; readonly dest: string };
}

export const subjectsOf = (name: string): Subjects => ({
  log: (workerId) => `${name}.log.${workerId}`,
  said: (workerId) => `${name}.said.${workerId}`,
  piece: (workerId) => `${name}.piece.${workerId}`,
  first: (workerId) => `${name}.first.${workerId}`,
  input: (workerId, inputId) => `${name}.input.${workerId}.${inputId}`,
  everyLog: `${name}.log.*`,
  stored: [`${name}.log.*`, `${name}.input.*.*`, `${name}.piece.*`, `${name}.first.*`],
  republish: { src: `${name}.log.*`, dest: `${name}.said.{{wildcard(1)}}` },
});
