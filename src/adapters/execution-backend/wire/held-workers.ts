import type { WorkerId } from '../../../domain/ids.js';
import type { HostWorker } from './host-worker.js';

/** The Workers that a host end holds, and a word whenever their number changes. */
export class HeldWorkers extends Map<WorkerId, HostWorker> {
  readonly #onChange: (count: number) => void;

  constructor(onChange: (count: number) => void = () => undefined) {
    super();
    this.#onChange = onChange;
  }

  override set(workerId: WorkerId, worker: HostWorker): this {
    super.set(workerId, worker);
    this.#onChange(this.size);
    return this;
  }

  override delete(workerId: WorkerId): boolean {
    const wasThere = super.delete(workerId);
    if (wasThere) this.#onChange(this.size);
    return wasThere;
  }

  override clear(): void {
    super.clear();
    this.#onChange(0);
  }
}
