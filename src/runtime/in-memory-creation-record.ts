import type { CreationRecord } from '../ports/creation-record.js';

/** Kept as long as the process: afterwards nobody of a mounted Runtime's Workers is known to be anybody's own. */
export function inMemoryCreationRecord(): CreationRecord {
  const creators = new Map<string, string>();
  return {
    creatorOf: ({ runtimeId, workerId }) => creators.get(`${runtimeId}/${workerId}`),
    add({ runtimeId, workerId }, creator) {
      creators.set(`${runtimeId}/${workerId}`, creator);
      return Promise.resolve();
    },
    remove({ runtimeId, workerId }) {
      creators.delete(`${runtimeId}/${workerId}`);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
