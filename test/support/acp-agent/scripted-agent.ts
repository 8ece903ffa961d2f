import { fileURLToPath } from 'node:url';

import { methods, type ContentBlock, type SessionUpdate } from '@agentclientprotocol/sdk';
import { expect, vi } from 'vitest';

import { startAgent, type AgentClient, type StartedAgent } from './started-agent.js';

/** The path of the scripted agent. */
export const scriptedAgent = fileURLToPath(new URL('./agent.mjs', import.meta.url));

export interface Start extends AgentClient {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export const calls = methods.agent;
/** Starts the scripted agent. */
export const start = ({ args = [], env = {}, ...rest }: Start = {}): StartedAgent =>
  startAgent({ command: process.execPath, args: [scriptedAgent, ...args], env }, rest);

export const initialize = (started: StartedAgent) =>
  started.agent.request(calls.initialize, { protocolVersion: 1, clientCapabilities: { fs: { readTextFile: true } } });

/** The scripted agent with a session. */
export async function open(options: Start = {}) {
  const started = start(options);
  await initialize(started);
  const cwd = options.cwd ?? '/';
  const { sessionId, modes } = await started.agent.request(calls.session.new, { cwd, mcpServers: [] });
  const prompt = (prompt: string | ContentBlock[]) =>
    started.agent.request(calls.session.prompt, {
      sessionId,
      prompt: typeof prompt === 'string' ? [{ type: 'text', text: prompt }] : prompt,
    });
  const cancel = () => started.agent.notify(calls.session.cancel, { sessionId });
  return { ...started, sessionId, modes, prompt, cancel };
}

export const kinds = (updates: readonly SessionUpdate[]) => updates.map(({ sessionUpdate }) => sessionUpdate);
export const begun = (session: StartedAgent) => vi.waitFor(() => expect(session.text()).toContain('begun'));
