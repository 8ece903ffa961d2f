import type { StreamEndCode, UnconnectedReason } from '../../../../domain/codes.js';
import type { WorkerView } from '../../../../domain/observation/view.js';
import { titleOf } from '../../../../protocol/titles.js';
import type { SignedOut } from './session.js';

const reasons: Readonly<Record<UnconnectedReason, string>> = {
  'no-backend': 'its profile has no backend',
  exited: 'its execution has exited',
  'connection-lost': 'the connection to its backend was lost',
  closed: 'its execution was closed',
  'recover-refused': 'it could not be recovered',
  'recover-timeout': 'its recovery took too long',
  'host-restarted': 'its host was shut down or started again',
  'log-damaged': 'its log is damaged',
};

const causes: Readonly<Record<NonNullable<WorkerView['cause']>, string>> = {
  reconnect: 'as it was asked to',
  recover: 'after a start of its host',
  user: 'by a person',
  system: 'by its host',
};

/** Why a Worker is as it is, where it tells. */
export function whyOf({ reason, cause }: Pick<WorkerView, 'reason' | 'cause'>): string | undefined {
  if (reason) return reasons[reason];
  return cause && causes[cause];
}

/** What a run can end with, beside the codes of answers: as its end, or as the code of a failure, `run-failed`. */
const runEnds: Readonly<Record<string, string>> = {
  failed: 'The run failed',
  refused: 'The run was refused',
  interrupted: 'The run was interrupted',
  cancelled: 'The run was cancelled',
};

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
const ownOf = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** What a code of an answer, of a failure or of a notice means. A code that is not known stands for itself. */
export function meaningOf(code: string): string {
  const reason = ownOf<string>(reasons, code);
  const meaning = ownOf(runEnds, code.replace(/^run-/, '')) ?? (reason && `The Worker was disconnected: ${reason}`);
  return meaning ?? ownOf<string>(titleOf, code) ?? sentence(code.replaceAll('-', ' '));
}

export const streamEnds: Readonly<Record<StreamEndCode, string>> = {
  'worker-deleted': 'This Worker was deleted, or you may see it no longer.',
  revoked: 'Your access has ended.',
  'server-draining': 'The host is shutting down.',
  'slow-consumer': 'This page took too long to read what the Worker said.',
};

export const signInReasons: Readonly<Record<SignedOut, string | undefined>> = {
  'nothing-given': undefined,
  'code-refused': 'This code was used already, or it is too old. Ask the host for a new link, or use an access token.',
  'token-refused': 'The host does not know this token or code.',
  'session-ended': 'Your session has ended. Sign in once more to go on where you were.',
  limited: 'Too many codes were wrong. Wait a minute and try again.',
  unreachable: 'The host cannot be reached. Is it running? Try again in a moment.',
};
