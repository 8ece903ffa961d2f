import type { PublicStatus } from '../../../src/domain/observation/view.js';

/** What is looked at of a Worker's view. */
export interface View {
  readonly workerId: string;
  readonly profile: string;
  readonly displayName?: string;
  readonly status: PublicStatus;
  readonly reason?: string;
  readonly lastCursor: string;
  readonly openInput?: { readonly inputId: string };
  readonly openQuestions: readonly { readonly questionId: string }[];
}

/** What is looked at of an observation. */
export interface Seen {
  readonly cursor: string;
  readonly sequence: number;
  readonly at: string;
  readonly inputId?: string;
  readonly event: {
    readonly type: string;
    readonly text?: string;
    readonly end?: string;
    readonly reason?: string;
    readonly cause?: string;
    readonly questionId?: string;
    readonly parts?: readonly { readonly text?: string }[];
  };
}

export interface Entry {
  readonly id: string;
  readonly sequence: number;
  readonly complete: boolean;
}

/** What any answer may hold. */
export interface Body {
  readonly code?: string;
  readonly outcome?: string;
  readonly executed?: 'no' | 'unknown';
  readonly inputId?: string;
  readonly cursor?: string;
  readonly end?: string;
  readonly worker?: View;
  readonly workers?: readonly View[];
  readonly transcript?: readonly Entry[];
  readonly entries?: readonly Entry[];
  readonly observations?: readonly Seen[];
  readonly next?: string | number;
  readonly gap?: unknown;
}

export interface Told {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  /** Who told it, where there are several. */
  readonly by?: string;
}

export const isTold = (told: Told, code: string): boolean => told.body.code === code;
export const isUnknown = ({ body }: Told): boolean => body.outcome === 'errored' && body.executed === 'unknown';

/** Told by a host that cannot do it now, and says nothing of the Worker. */
const away: readonly (string | undefined)[] = [
  'log-unavailable',
  'worker-moved',
  'runtime-unavailable',
  'runtime-draining',
];
export const isAway = ({ body }: Told): boolean => away.includes(body.code);

export const sequenceOf = (cursor: string): number => Number.parseInt(cursor.slice(-16), 16);
