/** Why an operation or a read was refused. Nothing was executed. Frozen within a major version. */
export const rejectedCodes = [
  'worker-unconnected',
  'worker-connecting',
  'backend-unavailable',
  'backend-unauthenticated',
  'runtime-draining',
  'worker-stopped',
  'worker-stopping',
  'worker-not-stopped',
  'worker-conflict',
  'input-conflict',
  'input-not-open',
  'question-closed',
  'input-invalid',
  'answer-invalid',
  'profile-unknown',
  'backend-rejected',
  'request-invalid',
  'cursor-invalid',
  'limit-invalid',
  'cursor-unknown',
  'runtime-unknown',
  'worker-unknown',
  'question-unknown',
  'route-unknown',
  'method-not-allowed',
  'request-timeout',
  'input-too-large',
  'media-type-unsupported',
  'quota-exceeded',
  'unauthenticated',
  'forbidden',
] as const;
export type RejectedCode = (typeof rejectedCodes)[number];

/** What went wrong on the way. `executed` beside it says whether an input may have run. */
export const erroredCodes = [
  'backend-fault',
  'backend-disconnected',
  'backend-timeout',
  'log-unavailable',
  'worker-moved',
  'runtime-unavailable',
  'internal',
] as const;
export type ErroredCode = (typeof erroredCodes)[number];

/** Why one published event was not taken (P1). */
export const publishRefusalCodes = [
  'stale-generation',
  'no-open-run',
  'worker-stopped',
  'log-unavailable',
  'event-invalid',
  'event-too-large',
] as const;
export type PublishRefusalCode = (typeof publishRefusalCodes)[number];

/** Why a stream ended. */
export const streamEndCodes = ['worker-deleted', 'revoked', 'server-draining', 'slow-consumer'] as const;
export type StreamEndCode = (typeof streamEndCodes)[number];

/** Why a Worker has no execution. */
export const unconnectedReasons = [
  'no-backend',
  'exited',
  'connection-lost',
  'closed',
  'recover-refused',
  'recover-timeout',
  'host-restarted',
  'log-damaged',
] as const;
export type UnconnectedReason = (typeof unconnectedReasons)[number];

/** The codes of a failure that has no code of its own. */
export const runFailureCodes = ['run-failed', 'run-refused', 'run-interrupted'] as const;
export type RunFailureCode = (typeof runFailureCodes)[number];

/** A reason as a backend gives it: one of ours, or one of its own. What of it is shown is decided by B5. */
export type ReasonCode = string;

/** Of at most 64 characters. */
export const backendCodePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The form of a backend's own codes (B5). */
export const isBackendCode = (value: string): boolean => value.length <= 64 && backendCodePattern.test(value);
/** How many codes of its own an execution may declare (B5). */
export const maxBackendCodes = 64;
