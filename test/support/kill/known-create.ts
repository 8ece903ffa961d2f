import type { KnownInput } from './known-input.js';

/** `unknown`: told so for good. `failed`: told, or found not to be there where it cannot be asked for again. */
export type CreateState = 'undecided' | 'made' | 'failed' | 'unknown';

/** A create that was asked for: its display name tells which Worker is its. */
export interface KnownCreate {
  readonly displayName: string;
  readonly profile: string;
  readonly key: string | undefined;
  readonly input: KnownInput | undefined;
  /** Its program refuses it, or its first input. */
  readonly isRefused: boolean;
  state: CreateState;
  /** How many of its requests are under way. */
  underWay: number;
  workerId: string | undefined;
}

export const createBody = ({ profile, displayName, input }: KnownCreate) => ({
  profile,
  displayName,
  ...(input && { input: input.body }),
});
