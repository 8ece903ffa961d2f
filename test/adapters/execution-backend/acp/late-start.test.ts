import * as acp from '@agentclientprotocol/sdk';
import { expect, test } from 'vitest';

import { AgentExecution } from '../../../../src/adapters/execution-backend/acp/agent-execution.js';
import { systemClock } from '../../../../src/ports/clock.js';
import { execution } from '../../../support/backend-bench.js';
import { isRunning } from '../../../support/programs.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { scriptedAgent } from '../../../support/acp-agent/scripted-agent.js';
import { agentFolder } from './support.js';

function startedWith(sdk: () => Promise<typeof acp>) {
  const { publisher } = execution();
  const logger = recordingLogger();
  const beginning = { publisher, former: Promise.resolve(), gone: () => undefined };
  const agent = new AgentExecution(publisher.generation, beginning, {
    options: {
      id: 'acp',
      command: process.execPath,
      args: [scriptedAgent],
      cwd: agentFolder(),
      files: 'none',
      terminals: false,
      startMs: 5_000,
      graceMs: 300,
    },
    dependencies: { clock: systemClock, logger, register: undefined },
    sdk,
  });
  const started = (): readonly number[] =>
    logger.lines.filter(({ message }) => message === 'program started').map(({ fields }) => Number(fields['pid']));
  return { agent, started };
}

test('W13: an agent that is stopped before what speaks to it is loaded is never started', async () => {
  let load: (sdk: typeof acp) => void = () => undefined;
  const loading = new Promise<typeof acp>((resolve) => (load = resolve));
  let isAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const { agent, started } = startedWith(() => (isAsked(), loading));
  const spawned = agent.spawn();
  await asked;
  expect(await agent.end(0)).toBe('stopped');
  load(acp);
  expect(await spawned).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  const left = [];
  for (const pid of started()) if (await isRunning(pid)) left.push(pid);
  for (const pid of left) process.kill(-pid, 'SIGKILL');
  expect(left).toEqual([]);
});

test('W5: what speaks to agents and is not there refuses the create, with words for the operator', async () => {
  const { agent } = startedWith(() => Promise.reject(new Error('npm install it')));
  expect(await agent.spawn()).toMatchObject({
    outcome: 'rejected',
    code: 'backend-unavailable',
    detail: new Error('npm install it'),
  });
});
