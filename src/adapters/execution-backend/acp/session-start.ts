import type { Refused } from '../../../ports/execution-backend.js';
import { unavailable } from '../wire/refusals.js';
import type { AgentProgram } from './agent-program.js';
import type { InitializeAnswer, SessionModes } from './messages.js';
import { initializeAnswer, newSessionAnswer, sessionAnswer } from './messages.js';
import type { CheckedOptions } from './options.js';
import { wantsAuthentication } from './run-end.js';

const protocolVersion = 1;

/** A session of an agent, and what the agent can do with it. */
export interface StartedSession {
  readonly sessionId: string;
  readonly modes: SessionModes;
  readonly takesImages: boolean;
  /** Whether it can be found again when the agent has ended. */
  readonly canLoad: boolean;
}

/** The session that is asked for cannot be found again. */
export class SessionLost extends Error {}

/** An agent that answers with an error does not have the session; one that is not signed in may have it. */
function lostOr(cause: unknown): never {
  const isAnswer = cause instanceof Error && 'code' in cause && typeof cause.code === 'number';
  throw isAnswer && !wantsAuthentication(cause) ? new SessionLost('the agent does not find it', { cause }) : cause;
}

/** Shakes hands with an agent and begins a session, or finds `sessionId` again. Rejects where the agent refuses. */
export async function startSession(
  program: AgentProgram,
  options: CheckedOptions,
  sessionId: string | undefined,
): Promise<StartedSession> {
  const { files, terminals } = options;
  const answer = await program.agent.request('initialize', {
    protocolVersion,
    clientInfo: { name: 'workport', version: '1' },
    clientCapabilities: {
      fs: { readTextFile: files !== 'none', writeTextFile: files === 'write' },
      terminal: terminals,
    },
  });
  const agent = initializeAnswer.parse(answer);
  if (agent.protocolVersion !== protocolVersion)
    throw new Error(`the agent speaks version ${agent.protocolVersion} of the protocol, and 1 is spoken here`);
  try {
    return await openSession(program, options, agent, sessionId);
  } catch (cause) {
    if (!wantsAuthentication(cause)) throw cause;
    const methods = (agent.authMethods ?? []).map(({ id, name }) => `${id} (${name})`).join(', ');
    const known = methods === '' ? '' : `; its methods: ${methods}`;
    throw Object.assign(new Error(`the agent wants somebody to sign in first${known}`, { cause }), {
      code: (cause as { readonly code: unknown }).code,
    });
  }
}

async function openSession(
  { agent: peer }: AgentProgram,
  { cwd, authenticate }: CheckedOptions,
  agent: InitializeAnswer,
  sessionId: string | undefined,
): Promise<StartedSession> {
  if (authenticate !== undefined) await peer.request('authenticate', { methodId: authenticate });
  const capabilities = agent.agentCapabilities;
  const canResume = capabilities?.sessionCapabilities?.resume ?? false;
  const canLoad = canResume || (capabilities?.loadSession ?? false);
  const place = { cwd, mcpServers: [] };
  const opened = await (async () => {
    if (sessionId === undefined) return newSessionAnswer.parse(await peer.request('session/new', place));
    if (!canLoad) throw new SessionLost('the agent finds no session again');
    const named = { sessionId, ...place };
    const found = canResume ? peer.request('session/resume', named) : peer.request('session/load', named);
    return { sessionId, ...sessionAnswer.parse((await found.catch(lostOr)) ?? {}) };
  })();
  return { ...opened, canLoad, takesImages: capabilities?.promptCapabilities?.image ?? false };
}

/** Begins in the mode of the profile. What the agent says from the session's begin on is heard already. */
export async function setMode(
  { agent }: AgentProgram,
  { sessionId }: StartedSession,
  { mode }: CheckedOptions,
): Promise<void> {
  if (mode !== undefined) await agent.request('session/set_mode', { sessionId, modeId: mode });
}

/** What a spawn or a recovery is refused with. `detail` is for the operator. */
export const refusalOf = (cause: unknown, noise: readonly string[]): Refused => {
  const printed = noise.length === 0 ? undefined : `it printed what is no message: ${JSON.stringify(noise)}`;
  const detail = printed === undefined ? cause : new Error(`the agent did not start; ${printed}`, { cause });
  return wantsAuthentication(cause)
    ? { outcome: 'rejected', code: 'backend-unauthenticated', detail }
    : unavailable(detail);
};
