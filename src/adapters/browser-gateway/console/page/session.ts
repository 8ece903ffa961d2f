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
  /** At the start of a page: with the code of its address, else with the token of before, else with none. */
  open(code: string | undefined): Promise<void>;
  /** With what somebody typed: an access token, or the code of a link. */
  signIn(secret: string): Promise<void>;
  /** A request was refused for its token. */
  refused(): void;
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

async function problemCode(response: Response): Promise<Problem['code'] | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  return (body as Partial<Problem> | undefined)?.code;
}

export function session({ fetch, storage }: SessionDependencies): Session {
  const state = store<SessionState>({ is: 'opening' });
  const close = (why: SignedOut): void => state.set({ is: 'closed', why });
  const token = (): string => storage.getItem(key) ?? '';

  /** Whether a token, or none, is good. */
  async function probe(candidate: string): Promise<'good' | 'refused' | 'unreachable'> {
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

  async function exchange(code: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: JSON.stringify({ code }) };
    const response = await fetch('/api/v1/session', asked).catch(() => undefined);
    if (!response) return close('unreachable');
    if (!response.ok) return close((await problemCode(response)) === 'quota-exceeded' ? 'limited' : 'code-refused');
    const { token: given } = (await response.json()) as { readonly token: string };
    await use(given, 'code-refused');
  }

  return {
    state,
    token,
    async open(code) {
      if (code !== undefined) return exchange(code);
      const before = token();
      return use(before, before === '' ? 'nothing-given' : 'session-ended');
    },
    async signIn(secret) {
      state.set({ is: 'opening' });
      const given = secret.trim();
      if ((await probe(given)) === 'refused' && codePattern.test(given)) return exchange(given);
      return use(given, given === '' ? 'nothing-given' : 'token-refused');
    },
    refused() {
      if (state.get().is !== 'open') return;
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
