import { useRef, useState } from 'preact/hooks';

import type { Refusal } from '../../../../../domain/outcome.js';
import type { App } from '../app.js';
import { fragmentOf } from '../place.js';
import type { RuntimeListing } from '../roster.js';
import { useStore } from '../use-store.js';
import { useFirstFocus } from './focus.js';
import { ProfileChoice } from './profile-choice.js';
import { PlainText } from './plain-text.js';
import { RefusalView } from './refusal.js';
import { runtimeName } from '../names.js';
import { useDraft } from './use-draft.js';

interface NewWorkerProps {
  readonly app: App;
  /** There is no Worker yet. */
  readonly isFirst: boolean;
}

interface RuntimeChoiceProps {
  readonly listings: readonly RuntimeListing[];
  readonly chosen: RuntimeListing | undefined;
  readonly onChoose: (runtimeId: string) => void;
}

function RuntimeChoice({ listings, chosen, onChoose }: RuntimeChoiceProps) {
  if (listings.length < 2) return null;
  return (
    <fieldset>
      <legend>Runtime</legend>
      {listings.map(({ runtime }) => (
        <label class="choice" key={runtime.runtimeId}>
          <input
            type="radio"
            name="runtime"
            checked={runtime.runtimeId === chosen?.runtime.runtimeId}
            onChange={() => onChoose(runtime.runtimeId)}
          />
          <PlainText text={runtimeName(runtime)} hasLinks={false} />
        </label>
      ))}
    </fieldset>
  );
}

/** What is filled in, and what asks for it. */
function useCreation(app: App) {
  const [name, setName] = useDraft(app.drafts, 'new/name');
  const [input, setInput] = useDraft(app.drafts, 'new/input');
  const [refusal, setRefusal] = useState<Refusal>();
  const [isAsking, setAsking] = useState(false);

  async function create({ runtime }: RuntimeListing, profile: string): Promise<void> {
    const asked = {
      type: 'create' as const,
      runtimeId: runtime.runtimeId,
      profile,
      ...(name.trim() === '' ? {} : { displayName: name.trim() }),
      ...(input.trim() === '' ? {} : { input: { parts: [{ type: 'text' as const, text: input }] } }),
    };
    const from = app.place.get();
    setAsking(true);
    setRefusal(undefined);
    const idempotencyKey = app.drafts.idFor('new', JSON.stringify(asked));
    const outcome = await app.ask({ ...asked, idempotencyKey });
    setAsking(false);
    if (outcome.outcome !== 'errored' || outcome.executed === 'no') app.drafts.settle('new');
    if (outcome.outcome !== 'accepted') return setRefusal(outcome);
    setName('');
    setInput('');
    const { runtimeId, workerId } = outcome.worker;
    // Who has gone elsewhere meanwhile stays there.
    if (app.place.get() === from) app.go({ at: 'worker', runtimeId, workerId });
  }

  return { name, setName, input, setInput, refusal, setRefusal, isAsking, create };
}

interface CreationFieldsProps {
  readonly creation: ReturnType<typeof useCreation>;
  readonly isFirst: boolean;
}

function CreationFields({ creation: { name, setName, input, setInput }, isFirst }: CreationFieldsProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  useFirstFocus(field, 'new-worker');
  const submitOnEnter = (event: KeyboardEvent & { readonly currentTarget: HTMLTextAreaElement }): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  return (
    <>
      <label for="first-input">First input (optional)</label>
      <textarea
        id="first-input"
        ref={field}
        rows={4}
        dir="auto"
        value={input}
        placeholder={isFirst ? 'Write something, and press Enter' : 'What it is to do first'}
        onInput={({ currentTarget }) => setInput(currentTarget.value)}
        onKeyDown={submitOnEnter}
      />
      <label for="worker-display-name">Name (optional)</label>
      <input
        id="worker-display-name"
        type="text"
        dir="auto"
        autocomplete="off"
        maxLength={200}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
    </>
  );
}

/** Creates a Worker from a profile. */
export function NewWorker({ app, isFirst }: NewWorkerProps) {
  const { listings, isLoaded, problem } = useStore(app.roster.state);
  const [runtimeId, setRuntimeId] = useState<string>();
  const [profileName, setProfileName] = useState<string>();
  const creation = useCreation(app);
  const listing = listings.find(({ runtime }) => runtime.runtimeId === runtimeId) ?? listings[0];
  const profile = listing?.profiles.find(({ name }) => name === profileName) ?? listing?.profiles[0];

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (listing && profile && !creation.isAsking) void creation.create(listing, profile.name);
  }

  return (
    <div class="new-worker">
      <a class="back" href={fragmentOf({ at: 'start' })}>
        All Workers
      </a>
      <h1 id="new-worker" tabIndex={-1}>
        New Worker
      </h1>
      <form onSubmit={submit}>
        <RuntimeChoice listings={listings} chosen={listing} onChoose={setRuntimeId} />
        <ProfileChoice
          profiles={listing?.profiles ?? []}
          chosen={profile?.name}
          isLoaded={isLoaded}
          problem={problem ?? listing?.problem}
          onChoose={setProfileName}
        />
        <CreationFields creation={creation} isFirst={isFirst} />
        {creation.refusal && (
          <RefusalView refusal={creation.refusal} onDismiss={() => creation.setRefusal(undefined)} />
        )}
        <div class="buttons">
          <button type="submit" class="primary" aria-disabled={!profile || creation.isAsking}>
            Create
          </button>
          <span class="note" aria-live="polite">
            {creation.isAsking && 'Creating …'}
          </span>
        </div>
      </form>
    </div>
  );
}
