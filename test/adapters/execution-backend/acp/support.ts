import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import type { AcpOptions } from '../../../../src/adapters/execution-backend/acp/index.js';
import { acpBackend } from '../../../../src/adapters/execution-backend/acp/index.js';
import type { Observation, Runtime, WorkerLog, WorkerRef, WorkerView } from '../../../../src/index.js';
import { createRuntime } from '../../../../src/index.js';
import type { InputId } from '../../../../src/domain/ids.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { ProgramDependencies } from '../../../../src/adapters/execution-backend/process/index.js';
import type { ExecutionBackend } from '../../../../src/ports/execution-backend.js';
import { scriptedAgent } from '../../../support/acp-agent/scripted-agent.js';
import type { Execution } from '../../../support/backend-bench.js';
import { execution, send, spawn } from '../../../support/backend-bench.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { expectAccepted, observeUntil, ref, textPart } from '../../../support/runtime.js';

const disposables: AsyncDisposable[] = [];
const folders: string[] = [];
// All at once: the end of an agent may take a second.
afterAll(async () => {
  await Promise.all(disposables.splice(0).map((one) => one[Symbol.asyncDispose]()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder for an agent; gone when the suite is. */
export function agentFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'workport-acp-'));
  folders.push(folder);
  return folder;
}

/** The scripted agent behind its backend, in a folder of its own. */
export function agentBackend(
  args: readonly string[] = [],
  options: Partial<AcpOptions> = {},
  dependencies: Pick<ProgramDependencies, 'clock' | 'register'> = {},
) {
  const logger = recordingLogger();
  const folder = options.cwd ?? agentFolder();
  const { env, ...rest } = options;
  const backend = acpBackend(
    {
      command: process.execPath,
      args: [scriptedAgent, ...args],
      cwd: folder,
      env: { ACP_AGENT_SESSIONS: join(folder, '.sessions'), ...env },
      graceMs: 300,
      ...rest,
    },
    { logger, ...dependencies },
  );
  disposables.push(backend);
  return { backend, logger, folder };
}

export const misbehaving = (names: string, options: Partial<AcpOptions> = {}, args: readonly string[] = []) =>
  agentBackend([...args, '--misbehave', names], options);

/** A Worker of it, connected. */
export async function connectedWorker(backend: ExecutionBackend): Promise<Execution> {
  const worker = execution();
  const outcome = await spawn(backend, worker);
  if (outcome.outcome !== 'connected') throw new Error(`not connected: ${JSON.stringify(outcome)}`);
  return worker;
}

export const saidIn = (events: readonly object[]): string =>
  events
    .map((event) => ('type' in event && event.type === 'text-delta' && 'text' in event ? String(event.text) : ''))
    .join('');

/** Runs an input to its end and answers its text. */
export async function reply(backend: ExecutionBackend, worker: Execution, text: string): Promise<string> {
  const id = await send(backend, worker, text);
  const isEnd = (event: BackendEvent): boolean => event.type === 'run-ended' && event.inputId === id;
  return saidIn((await worker.until(isEnd)).filter((event) => event.inputId === id));
}

export interface Host {
  readonly runtime: Runtime;
  readonly worker: WorkerRef;
  /** Hands over an input; throws where it is not accepted. */
  input(text: string): Promise<InputId>;
  until(type: Observation['event']['type'], count?: number): Promise<readonly Observation[]>;
  view(): Promise<WorkerView>;
}

/** A Worker in a Runtime of its own. The Runtime is gone when the suite is. */
export async function hosted(backend: ExecutionBackend, log?: WorkerLog, deadlines = {}): Promise<Host> {
  const runtime = runtimeOf(backend, log, deadlines);
  await runtime.ready();
  const created = await runtime.execute({ type: 'create', runtimeId: runtime.runtimeId, profile: 'agent' });
  return hostOf(runtime, ref(expectAccepted(created).worker.workerId));
}

export function runtimeOf(backend: ExecutionBackend, log?: WorkerLog, deadlines = {}): Runtime {
  const profiles = { agent: { label: 'Agent', backend, deadlines } };
  const runtime = createRuntime({ profiles, ...(log && { log }) });
  disposables.push(runtime);
  return runtime;
}

export function hostOf(runtime: Runtime, worker: WorkerRef): Host {
  return {
    runtime,
    worker,
    async input(text) {
      return expectAccepted(await runtime.execute({ type: 'input', worker, parts: textPart(text) })).inputId;
    },
    until(type, count = 1) {
      let seen = 0;
      return observeUntil(runtime, worker, ({ event }) => event.type === type && ++seen === count);
    },
    async view() {
      const answer = await runtime.read({ type: 'worker', worker });
      if (answer.outcome !== 'answered') throw new Error(`not answered: ${JSON.stringify(answer)}`);
      return answer.worker;
    },
  };
}
