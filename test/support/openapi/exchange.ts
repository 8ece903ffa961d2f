import type { Asked } from './check-request.js';
import { requestErrors } from './check-request.js';
import type { Answered } from './check-response.js';
import { outsideErrors, responseErrors } from './check-response.js';
import { findOperation } from './document.js';

const codeOf = ({ status, body = '' }: Answered): string | undefined =>
  status < 400 ? undefined : (JSON.parse(body) as { readonly code?: string }).code;

/** Where a request that is refused with a code has to be wrong by the document. */
const wrongAt: Readonly<Record<string, RegExp>> = {
  'request-invalid': /^(query|header|body)/,
  'limit-invalid': /^query limit/,
  'cursor-invalid': /^(query after|header last-event-id)/,
};

/**
 * What JSON Schema cannot say, or counts otherwise. A key beside another `inputId` is wrong by what both are; a text is
 * counted by zod in UTF-16 units, by JSON Schema in code points. What asks for the WebSocket gets to no route.
 */
const cannotBeSaid = (asked: Asked): boolean =>
  asked.url.pathname.endsWith('/socket') ||
  (asked.headers.has('idempotency-key') && (asked.body ?? '').includes('"inputId"')) ||
  /"displayName":"[^"]{129,}"/.test(asked.body ?? '');

/** Refused before a request is looked at, or by what only its place in time says. */
const isLookedAt = ({ status }: Answered): boolean =>
  status < 300 || status === 409 || (status > 500 && status !== 503);

/** An id of the wrong form names nothing: what is not there is not open, and needs no deletion. Nothing else is looked at then. */
const mayNameNothing = (asked: Asked, { status }: Answered): boolean =>
  status === 409 || (asked.method === 'DELETE' && status === 204);

function requestProblems(asked: Asked, answered: Answered): readonly string[] {
  const found = findOperation(asked.method, asked.url);
  if (!found) return [];
  const errors = requestErrors(found, asked);
  if (isLookedAt(answered)) {
    const namesNothing = mayNameNothing(asked, answered) && errors.some((error) => error.startsWith('path'));
    return namesNothing ? [] : errors.map((error) => `taken, yet ${error}`);
  }
  const code = codeOf(answered) ?? '';
  const expected = wrongAt[code];
  if (!expected || asked.body === undefined || cannotBeSaid(asked)) return [];
  return errors.some((error) => expected.test(error)) ? [] : [`refused with ${code}, yet valid by the document`];
}

/** Throws where what was asked and answered is not as the document says. */
export function checkExchange(asked: Asked, answered: Answered): void {
  const found = findOperation(asked.method, asked.url);
  const problems = found
    ? [...requestProblems(asked, answered), ...responseErrors(found, answered)]
    : outsideErrors(answered);
  if (problems.length === 0) return;
  const request = `${asked.method} ${asked.url.pathname}${asked.url.search} ${asked.body ?? ''}`;
  throw new Error(`not as the OpenAPI document says: ${request}\n${problems.join('\n')}`);
}

export function askedBy(url: string, init: RequestInit): Asked {
  const { method = 'GET', body = null } = init;
  return {
    method,
    url: new URL(url),
    headers: new Headers(init.headers),
    body: typeof body === 'string' || body === null ? body : undefined,
  };
}

/** Checks an exchange that is over; a stream by what stands before its events. */
export async function checkResponse(asked: Asked, response: Response): Promise<void> {
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  const body = isStream ? undefined : await response.clone().text();
  checkExchange(asked, { status: response.status, headers: response.headers, body });
}

/** `fetch`, each exchange checked. */
export async function describedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  await checkResponse(askedBy(url, init), response);
  return response;
}
