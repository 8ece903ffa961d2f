import type { ProfileView } from '../../../../../domain/observation/view.js';
import type { Errored, Rejected } from '../../../../../domain/outcome.js';
import { meaningOf } from '../words.js';
import { PlainText } from './plain-text.js';

interface ProfileChoiceProps {
  readonly profiles: readonly ProfileView[];
  readonly chosen: string | undefined;
  readonly isLoaded: boolean;
  /** Why they could not be read. */
  readonly problem: Rejected | Errored | undefined;
  readonly onChoose: (name: string) => void;
}

/** What a Worker can be made from. */
export function ProfileChoice({ profiles, chosen, isLoaded, problem, onChoose }: ProfileChoiceProps) {
  const absence = problem ? `${meaningOf(problem.code)}.` : 'This host offers no profile to you.';
  return (
    <fieldset>
      <legend>Profile</legend>
      {profiles.map(({ name, label, description }) => (
        <div class="choice" key={name}>
          <label>
            <input
              type="radio"
              name="profile"
              value={name}
              checked={name === chosen}
              aria-describedby={description === undefined ? undefined : `profile-${name}`}
              onChange={() => onChoose(name)}
            />
            <PlainText text={label} hasLinks={false} />
          </label>
          {description !== undefined && (
            <p class="hint" id={`profile-${name}`}>
              <PlainText text={description} />
            </p>
          )}
        </div>
      ))}
      {profiles.length === 0 && <p class="note">{isLoaded ? absence : 'Reading the profiles …'}</p>}
    </fieldset>
  );
}
