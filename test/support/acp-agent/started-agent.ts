import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';

import {
  client,
  methods,
  ndJsonStream,
  type ClientApp,
  type ClientConnection,
  type ClientContext,
  type RequestPermissionRequest,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { onTestFinished } from 'vitest';

export interface AgentProgram {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface StartedAgent {
  readonly child: ChildProcess;
  readonly connection: ClientConnection;
  readonly agent: ClientContext;
  /** Every update so far, of all sessions. */
  readonly updates: readonly SessionUpdate[];
  /** Every permission it asked for so far. */
  readonly asked: readonly RequestPermissionRequest[];
  /** Its own text so far. */
  text(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** What a client does with questions, and what else it offers. Permissions get the first option where nothing is said. */
export interface AgentClient {
  readonly permit?: (asked: RequestPermissionRequest) => Promise<string | undefined>;
  readonly offers?: (app: ClientApp) => void;
}

const firstOption = async ({ options }: RequestPermissionRequest) => options[0]?.optionId;

/** Starts a program that speaks ACP on its stdio, in a group of its own. The group is gone when the test is. */
export function startAgent(program: AgentProgram, { permit = firstOption, offers }: AgentClient = {}): StartedAgent {
  const { command, args = [], cwd, env } = program;
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const ended = once(child, 'exit').then(([code, signal]) => {
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  child.stdin.on('error', () => undefined);
  onTestFinished(async () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Nothing of the group is left.
    }
    await ended;
  });
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const app = client({ name: 'test' })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      asked.push(params);
      const optionId = await permit(params);
      return { outcome: optionId === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId } };
    });
  offers?.(app);
  const output = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
  const connection = app.connect(ndJsonStream(Writable.toWeb(child.stdin), output));
  return {
    child,
    connection,
    agent: connection.agent,
    updates,
    asked,
    text: () => updates.map(textOf).join(''),
    ended,
  };
}

const textOf = (update: SessionUpdate): string =>
  update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text' ? update.content.text : '';
