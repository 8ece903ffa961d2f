import { useRef } from 'preact/hooks';

import type { WorkerView } from '../../../../../domain/observation/view.js';

function said(worker: WorkerView | undefined, failedAt: string | undefined): string {
  if (!worker) return '';
  if (worker.openQuestions.length > 0) return 'Question asked';
  const hasFailed = worker.lastFailure !== undefined && worker.lastFailure.at !== failedAt && worker.status !== 'busy';
  return hasFailed ? `Failed, ${worker.status}` : worker.status;
}

/** Tells who does not see the page what has come over the Worker, and nothing of what it says. */
export function Announcer({ worker }: { readonly worker: WorkerView | undefined }) {
  // What failed before it was shown is no news.
  const first = useRef<{ readonly failedAt: string | undefined }>(undefined);
  if (worker) first.current ??= { failedAt: worker.lastFailure?.at };
  return (
    <p class="hidden" aria-live="polite">
      {said(worker, first.current?.failedAt)}
    </p>
  );
}
