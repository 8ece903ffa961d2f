import type { Authenticator, Sessions } from '../ports/authenticator.js';

/** A code that opens a session as who holds `token`: for a person, who gives it to a page and keeps the token. */
export async function sessionCode(
  token: string,
  { authenticator, sessions }: { readonly authenticator: Authenticator; readonly sessions: Sessions },
): Promise<string | undefined> {
  const { signal } = new AbortController();
  const admission = await authenticator.authenticate(token, { signal });
  return admission && sessions.issueCode(admission);
}
