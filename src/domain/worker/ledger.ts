import type { InputId } from '../ids.js';
import type { Cursor } from '../observation/cursor.js';

/** What became of an input (W8). A `refused` id is free again. */
export type LedgerEntry =
  | { readonly inputId: InputId; readonly digest: string; readonly state: 'undecided' | 'unknown' | 'refused' }
  | { readonly inputId: InputId; readonly digest: string; readonly state: 'accepted'; readonly cursor: Cursor };
