/**
 * Who created which Worker of a Runtime on another host: what `own` is decided by where that Runtime cannot tell. A local
 * Runtime keeps it with each Worker.
 */
import type { WorkerRef } from './browser-gateway.js';

export interface CreationRecord extends AsyncDisposable {
  /** Called once, before anything else. Rejects where it cannot be read or written. */
  open?(): Promise<void>;
  /** The id of the principal that created it; `undefined` where that is not known. */
  creatorOf(worker: WorkerRef): string | undefined;
  /** Resolves when it is kept as well as this record keeps anything. Rejects where it cannot be. */
  add(worker: WorkerRef, creator: string): Promise<void>;
  /** The Worker is gone. */
  remove(worker: WorkerRef): Promise<void>;
}
