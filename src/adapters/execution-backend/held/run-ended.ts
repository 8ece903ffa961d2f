import type { BackendControlEvent } from '../../../domain/observation/event.js';

export type RunEnded = Extract<BackendControlEvent, { readonly type: 'run-ended' }>;
