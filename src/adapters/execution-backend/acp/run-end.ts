import type { RunEnded } from '../held/run-ended.js';

/** What the runs and the inputs of an agent can be refused with, in its own words (B5). */
export const agentCodes = [
  'agent-error',
  'authentication-required',
  'image-unsupported',
  'max-tokens',
  'max-turn-requests',
] as const;
export type AgentCode = (typeof agentCodes)[number];

const authenticationRequired = -32_000;

const failed = (code: AgentCode): RunEnded => ({ type: 'run-ended', end: 'failed', code });

/** How a run ends that the agent has ended, by its stop reason. */
export function endOfAnswer(stopReason: string): RunEnded {
  switch (stopReason) {
    case 'end_turn':
      return { type: 'run-ended', end: 'completed' };
    case 'cancelled':
      return { type: 'run-ended', end: 'cancelled' };
    case 'refusal':
      return { type: 'run-ended', end: 'refused' };
    case 'max_tokens':
      return failed('max-tokens');
    case 'max_turn_requests':
      return failed('max-turn-requests');
    default:
      return failed('agent-error');
  }
}

/** Whether an agent says that somebody has to sign in first. */
export const wantsAuthentication = (cause: unknown): boolean =>
  cause instanceof Object && 'code' in cause && cause.code === authenticationRequired;

/** How a run ends that the agent has answered with an error. */
export const endOfError = (cause: unknown): RunEnded =>
  failed(wantsAuthentication(cause) ? 'authentication-required' : 'agent-error');
