import type { ComponentChildren } from 'preact';

import type { WorkerView } from '../../../../../domain/observation/view.js';
import { profileLabel, runtimeName } from '../names.js';
import { fragmentOf } from '../place.js';
import type { RosterState } from '../roster.js';
import { listingOf } from '../roster.js';
import type { Story } from '../story.js';
import { meaningOf } from '../words.js';
import { Correlation } from './correlation.js';
import { PlainText } from './plain-text.js';
import { StatusView } from './status.js';
import { Time } from './time.js';
import { Usage } from './usage.js';

interface WorkerHeaderProps {
  readonly worker: WorkerView | undefined;
  readonly name: string;
  readonly story: Story;
  readonly roster: RosterState;
  /** What can be asked of it. */
  readonly children: ComponentChildren;
}

function LastFailure({ failure }: { readonly failure: NonNullable<WorkerView['lastFailure']> }) {
  const { code, backendCode, correlationId, at } = failure;
  return (
    <p class="last-failure" data-failure={code}>
      <span class="label">Last failure</span> {meaningOf(code)}. <code>{code}</code>{' '}
      {backendCode !== undefined && <code>{backendCode}</code>} <Time at={at} />{' '}
      {correlationId !== undefined && <Correlation id={correlationId} />}
    </p>
  );
}

function Facts({
  worker,
  story,
  roster,
}: {
  readonly worker: WorkerView;
  readonly story: Story;
  readonly roster: RosterState;
}) {
  const runtime = listingOf(roster, worker.runtimeId)?.runtime;
  return (
    <p class="facts">
      <span>
        <PlainText text={profileLabel(roster, worker)} />
      </span>
      {runtime && roster.listings.length > 1 && (
        <span>
          <PlainText text={runtimeName(runtime)} />
        </span>
      )}
      <span>
        created <Time at={worker.createdAt} />
      </span>
      {story.usage && <Usage usage={story.usage} />}
    </p>
  );
}

/** What a Worker is, and how it is. */
export function WorkerHeader({ worker, name, story, roster, children }: WorkerHeaderProps) {
  return (
    <header class="worker-header">
      <a class="back" href={fragmentOf({ at: 'start' })}>
        All Workers
      </a>
      <div class="title">
        <h1 id="worker-name" tabIndex={-1}>
          <PlainText text={name} hasLinks={false} />
        </h1>
        {worker && <StatusView worker={worker} />}
      </div>
      {children}
      {worker && <Facts worker={worker} story={story} roster={roster} />}
      {worker?.lastFailure && <LastFailure failure={worker.lastFailure} />}
      {story.notice && (
        <p class="worker-notice" data-level={story.notice.level}>
          <span class="label">{story.notice.level}</span> <PlainText text={story.notice.text} />
        </p>
      )}
    </header>
  );
}
