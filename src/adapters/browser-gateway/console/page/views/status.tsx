import type { WorkerView } from '../../../../../domain/observation/view.js';
import { whyOf } from '../words.js';

/** What a Worker does now, in its header. */
export function StatusView({ worker }: { readonly worker: WorkerView }) {
  const why = whyOf(worker);
  return (
    <span class="status" data-status={worker.status}>
      {worker.status}
      {why !== undefined && `: ${why}`}
    </span>
  );
}
