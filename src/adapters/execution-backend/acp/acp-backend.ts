import { resolve } from 'node:path';

import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import { heldExecutions } from '../held/held-executions.js';
import type { ProgramDependencies } from '../process/index.js';
import { AgentExecution, type AgentExecutionParts } from './agent-execution.js';
import type { AcpOptions, CheckedOptions } from './options.js';
import { loadSdk } from './sdk.js';

const checked = (options: AcpOptions): CheckedOptions => ({
  ...options,
  id: options.id ?? 'acp',
  cwd: resolve(options.cwd ?? '.'),
  files: options.files ?? 'none',
  terminals: options.terminals ?? false,
  startMs: options.startMs ?? 30_000,
  graceMs: options.graceMs ?? 5_000,
});

/**
 * A backend whose Workers are agents that speak the Agent Client Protocol, version 1 (https://agentclientprotocol.com):
 * each is a program of its own with one session. An input is a prompt, accepted when it is written; what the agent
 * asks for is asked as a question, and nothing is allowed by itself. A cancel that an agent ignores ends the agent. An
 * agent that can load sessions is found again with its session, at the next start of the host or by a reconnect; the
 * run that was open then is over.
 *
 * Needs the package `@agentclientprotocol/sdk`. Refuses a spawn with `backend-unauthenticated` where the agent wants
 * somebody to sign in first, else with `backend-unavailable`. Its runs fail with `agent-error`,
 * `authentication-required`, `max-tokens` or `max-turn-requests`; an input with an image is refused with
 * `image-unsupported` by an agent that takes none. Throws `TypeError` where `command` is empty.
 */
export function acpBackend(options: AcpOptions, dependencies: ProgramDependencies = {}): ExecutionBackend {
  if (options.command === '') throw new TypeError('an agent needs a command');
  const { clock = systemClock, logger = nullLogger, register } = dependencies;
  const agent = checked(options);
  const partsOf = (workerId: string): AgentExecutionParts => ({
    options: agent,
    dependencies: { clock, register, logger: logger.child({ backendId: agent.id, workerId }) },
    sdk: loadSdk,
  });
  return heldExecutions({
    id: agent.id,
    canRecover: true,
    formerGraceMs: agent.graceMs,
    disposeGraceMs: agent.graceMs,
    spawn(request, beginning) {
      const execution = new AgentExecution(request.generation, beginning, partsOf(request.workerId));
      return { execution, outcome: execution.spawn() };
    },
    resume(request, beginning) {
      const { workerId, generation } = request.handle;
      const execution = new AgentExecution(generation, beginning, partsOf(workerId));
      return { execution, outcome: execution.resume(request) };
    },
  });
}
