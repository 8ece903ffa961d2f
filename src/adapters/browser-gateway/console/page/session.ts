import type { Problem } from '../../../../protocol/browser.js';
import type { Readable } from './store.js';
import { store } from './store.js';

/** Why somebody has to say who they are. */
export type SignedOut =
  /** Nothing was given yet. */
  | 'nothing-given'
  /** A code that is used or too old. */
  | 'code-refused'
  /** A token that nobody knows. */
  | 'token-refused'
  /** It was good before: the session is over, or its host has been started again. */
  | 'session-ended'
  /** Too many wrong codes in a minute. */
  | 'limited'
  | 'unreachable';

export type SessionState =
  { readonly is: 'opening' } | { readonly is: 'open' } | { readonly is: 'closed'; readonly why: SignedOut };

export interface Session {
  readonly state: Readable<SessionState>;
  /** What a request is sent with. `''`: with nothing. */
  token(): string;
  /**
   * With the code of an address; where there is none, or it is refused, with the token of before, else with none. At the
   * start of a page, and when somebody follows a link in it.
   */
  open(code: string | undefined): Promise<void>;
  /** With what somebody typed: an access token, or the code of a link. */
  signIn(secret: string): Promise<void>;
  /** A request was refused for its token. One that is no longer used says nothing of the one that is. */
  refused(asked: string): void;
  /** Ends it, at the host too. */
  signOut(): Promise<void>;
}

export interface SessionDependencies {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** Of this tab alone: `sessionStorage`. */
  readonly storage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
}

const key = 'workport.token';
const codePattern = /^[A-Za-z0-9_-]{22}$/;
/** What a token can be made of. Nothing else can be sent as one. */
const tokenPattern = /^[A-Za-z0-9._~+/-]*=*$/;

/** What is told in JSON; nothing where it is none. */
async function bodyOf<T extends object>(response: Response): Promise<Partial<T>> {
  const body = (await response.json().catch(() => undefined)) as Partial<T> | null | undefined;
  return body ?? {};
}

export function session({ fetch, storage }: SessionDependencies): Session {
  const state = store<SessionState>({ is: 'opening' });
  const close = (why: SignedOut): void => state.set({ is: 'closed', why });
  const token = (): string => storage.getItem(key) ?? '';

  /** Whether a token, or none, is good. */
  async function probe(candidate: string): Promise<'good' | 'refused' | 'unreachable'> {
    if (!tokenPattern.test(candidate)) return 'refused';
    const headers = candidate === '' ? {} : { authorization: `Bearer ${candidate}` };
    const response = await fetch('/api/v1/runtimes', { headers }).catch(() => undefined);
    if (!response) return 'unreachable';
    return response.status === 401 ? 'refused' : 'good';
  }

  async function use(candidate: string, otherwise: SignedOut): Promise<void> {
    const found = await probe(candidate);
    if (found === 'unreachable') return close('unreachable');
    if (found === 'refused') {
      storage.removeItem(key);
      return close(otherwise);
    }
    if (candidate !== '') storage.setItem(key, candidate);
    state.set({ is: 'open' });
  }

  /** Keeps the token that a code is good for. Answers why there is none. */
  async function exchange(code: string): Promise<SignedOut | undefined> {
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: JSON.stringify({ code }) };
    const response = await fetch('/api/v1/session', asked).catch(() => undefined);
    if (!response) return 'unreachable';
    if (!response.ok) return (await bodyOf<Problem>(response)).code === 'quota-exceeded' ? 'limited' : 'code-refused';
    const { token: given } = await bodyOf<{ readonly token: string }>(response);
    if (given === undefined) return 'code-refused';
    // The code is good no more: what comes next may fail, and be tried again with this.
    storage.setItem(key, given);
    return undefined;
  }

  return {
    state,
    token,
    async open(code) {
      state.set({ is: 'opening' });
      const refusal = code === undefined ? undefined : await exchange(code);
      if (refusal === 'unreachable') return close(refusal);
      const candidate = token();
      return use(candidate, refusal ?? (candidate === '' ? 'nothing-given' : 'session-ended'));
    },
    async signIn(secret) {
      state.set({ is: 'opening' });
      const given = secret.trim();
      if ((await probe(given)) !== 'refused' || !codePattern.test(given)) {
        return use(given, given === '' ? 'nothing-given' : 'token-refused');
      }
      const refusal = await exchange(given);
      return refusal ? close(refusal) : use(token(), 'code-refused');
    },
    refused(asked) {
      if (state.get().is !== 'open' || asked !== token()) return;
      storage.removeItem(key);
      close('session-ended');
    },
    async signOut() {
      const headers = { authorization: `Bearer ${token()}` };
      storage.removeItem(key);
      close('nothing-given');
      await fetch('/api/v1/session', { method: 'DELETE', headers }).catch(() => undefined);
    },
  };
}
