import type { Principal, Scope } from '../../../src/index.js';

/** The rules of "who may come in" of docs/browser-api.md as one table. Nothing of it is taken from the code. */

export const offered = 'offered';
export const hidden = 'hidden';

export const scopesOf = {
  worker: 'read',
  transcript: 'read',
  observations: 'read',
  observe: 'read',
  input: 'input',
  answer: 'input',
  cancel: 'input',
  reconnect: 'control',
  stop: 'control',
  delete: 'control',
} as const satisfies Readonly<Record<string, Scope>>;
export type Operation = keyof typeof scopesOf;
export const operations = Object.keys(scopesOf) as readonly Operation[];

/** What an idle Worker answers that exists for the caller. `accepted` stands for every success. */
const ofIdleWorker: Readonly<Record<Operation, string>> = {
  worker: 'accepted',
  transcript: 'accepted',
  observations: 'accepted',
  observe: 'accepted',
  input: 'accepted',
  answer: 'question-unknown',
  cancel: 'input-not-open',
  reconnect: 'accepted',
  stop: 'accepted',
  delete: 'worker-not-stopped',
};

export const statusesOf: Readonly<Record<string, readonly number[]>> = {
  accepted: [200, 202, 204],
  'question-unknown': [404],
  'input-not-open': [409],
  'worker-not-stopped': [409],
  'worker-unknown': [404],
  forbidden: [403],
};

/** Whose Worker it is, and of which profile. */
export const kinds = ['own', 'foreign', 'own-hidden', 'foreign-hidden', 'unknown'] as const;
export type Kind = (typeof kinds)[number];

export const filters = {
  none: {},
  own: { own: true },
  profiles: { profiles: [offered] },
  both: { own: true, profiles: [offered] },
} as const satisfies Readonly<Record<string, Pick<Principal, 'own' | 'profiles'>>>;
export type Filter = keyof typeof filters;
export const filterNames = Object.keys(filters) as readonly Filter[];

const all: readonly Scope[] = ['read', 'input', 'control'];
/** Every set of scopes, the empty one included. */
export const scopeSets: readonly (readonly Scope[])[] = Array.from({ length: 8 }, (_, bits) =>
  all.filter((_scope, index) => bits & (1 << index)),
);

export function exists(kind: Kind, filter: Filter): boolean {
  if (kind === 'unknown') return false;
  const { own = false, profiles }: Pick<Principal, 'own' | 'profiles'> = filters[filter];
  if (own && kind.startsWith('foreign')) return false;
  return !profiles || !kind.endsWith('hidden');
}

/** What a principal is told: first what it may do, then what exists for it. */
export function expected(operation: Operation, kind: Kind, scopes: readonly Scope[], filter: Filter): string {
  if (!scopes.includes(scopesOf[operation])) return 'forbidden';
  if (exists(kind, filter)) return ofIdleWorker[operation];
  return operation === 'delete' ? 'accepted' : 'worker-unknown';
}
