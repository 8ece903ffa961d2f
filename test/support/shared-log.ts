import type { WorkerLog } from '../../src/ports/worker-log.js';

/** The log of several hosts: it outlives each of them. */
export const sharedLog = (log: WorkerLog): WorkerLog => ({
  durability: log.durability,
  append: (workerId, after, batch) => log.append(workerId, after, batch),
  read: (workerId, after, limit, call) => log.read(workerId, after, limit, call),
  follow: (workerId, after, call) => log.follow(workerId, after, call),
  head: (workerId, call) => log.head(workerId, call),
  heads: (call) => log.heads(call),
  input: (workerId, inputId, call) => log.input(workerId, inputId, call),
  trim: (workerId, before) => log.trim(workerId, before),
  remove: (workerId, tombstone) => log.remove(workerId, tombstone),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});
