import type { RejectedCode } from '../../../domain/codes.js';
import type { Rejected } from '../../../domain/outcome.js';
import { rejected } from '../../../domain/outcome.js';

/** What a request says, or why it cannot be taken. */
export type Parsed<T> = { readonly value: T } | { readonly refusal: Rejected };

export const refuse = (code: RejectedCode): { readonly refusal: Rejected } => ({ refusal: rejected(code) });
