import { useEffect, useRef, useState } from 'preact/hooks';

import type { Session, SessionState } from '../session.js';
import { signInReasons } from '../words.js';

interface SignInProps {
  readonly session: Session;
  readonly state: Exclude<SessionState, { readonly is: 'open' }>;
}

/** Asks who is there. */
export function SignIn({ session, state }: SignInProps) {
  const field = useRef<HTMLInputElement>(null);
  const [secret, setSecret] = useState('');
  const isAsking = state.is === 'opening';
  const reason = state.is === 'closed' ? signInReasons[state.why] : undefined;
  useEffect(() => field.current?.focus(), []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isAsking) return;
    await session.signIn(secret);
    field.current?.select();
  }

  return (
    <main class="sign-in" id="main">
      <p class="mark">Workport</p>
      <h1>Sign in</h1>
      <div role="alert">{reason !== undefined && <p class="refusal">{reason}</p>}</div>
      <form onSubmit={(event) => void submit(event)}>
        <label for="secret">Access token or code</label>
        <input
          id="secret"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          ref={field}
          value={secret}
          onInput={({ currentTarget }) => setSecret(currentTarget.value)}
          aria-describedby="secret-hint"
        />
        <p class="hint" id="secret-hint">
          The host shows a link with a code, or a token, where it was started. What you give stays in this tab.
        </p>
        <button type="submit" class="primary" aria-disabled={isAsking}>
          Sign in
        </button>
      </form>
    </main>
  );
}
