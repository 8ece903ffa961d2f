import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import { acpBackend } from '../../../src/adapters/execution-backend/acp/index.js';
import { startedBackends } from '../../../src/cli/check/program-harness.js';
import { ProgramLog } from '../../../src/cli/check/program-log.js';
import { StartedPrograms } from '../../../src/cli/check/started-programs.js';
import type { ExecutionBackendHarness } from '../../../src/contracts/execution-backend/harness.js';
import { wordInputs } from '../../../src/contracts/execution-backend/word-inputs.js';
import { scriptedAgent } from '../acp-agent/scripted-agent.js';

const canary = 'CANARY-agent-5d1f';

/** The scripted agent, behind the backend of agents. Called where the tests are registered. */
export function agentHarness(args: readonly string[], canRecover: boolean): ExecutionBackendHarness {
  const run = { programs: new StartedPrograms(), log: new ProgramLog() };
  const folder = mkdtempSync(join(tmpdir(), 'workport-agents-'));
  afterAll(async () => {
    await run.programs[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const graceMs = 500;
  return {
    ...startedBackends(
      {
        graceMs,
        start: (env, dependencies) => {
          const sessions = join(folder, randomUUID());
          const variables = { ...env, ACP_AGENT_SESSIONS: sessions, ACP_AGENT_SECRET: canary };
          const options = { command: process.execPath, args: [scriptedAgent, ...args], env: variables, graceMs };
          return acpBackend({ ...options, cwd: folder }, dependencies);
        },
      },
      run,
    ),
    inputs: wordInputs(),
    capabilities: { cancel: true, stop: true, questions: true, recover: canRecover },
    canaries: [canary],
    timing: 4,
  };
}
