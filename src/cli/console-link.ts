import type { Authenticator, Sessions } from '../ports/authenticator.js';

/**
 * An address for a browser, whose code lets it in as who holds `token`. The code stands in the fragment, which no
 * browser sends: it is in no request, path or log.
 */
export async function consoleLink(
  url: string,
  token: string,
  { authenticator, sessions }: { readonly authenticator: Authenticator; readonly sessions: Sessions },
): Promise<string | undefined> {
  const { signal } = new AbortController();
  const admission = await authenticator.authenticate(token, { signal });
  return admission && `${url}/#code=${sessions.issueCode(admission)}`;
}
