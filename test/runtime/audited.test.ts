import { describe, expect, it } from 'vitest';

import type { Principal } from '../../src/index.js';
import { audited, scoped } from '../../src/index.js';
import type { Command } from '../../src/ports/browser-gateway.js';
import { recordingLogger } from '../support/recording-logger.js';
import { textPart } from '../support/runtime.js';
import { correlationId, inputId, runtimeId, scriptedGateway, workerId } from '../support/scripted-gateway.js';
import type { Script } from '../support/scripted-gateway.js';
import { QuestionId } from '../../src/domain/ids.js';

const worker = { runtimeId, workerId };
const parts = textPart('CANARY');
const create: Command = {
  type: 'create',
  runtimeId,
  profile: 'CANARY',
  displayName: 'CANARY',
  input: { parts },
  idempotencyKey: 'CANARY',
};
const controls: readonly Command[] = [
  create,
  { type: 'reconnect', worker },
  { type: 'stop', worker },
  { type: 'delete', worker },
];
const others: readonly Command[] = [
  { type: 'input', worker, parts },
  { type: 'answer', worker, questionId: QuestionId('q'), answer: { text: 'CANARY' } },
  { type: 'cancel', worker, inputId },
];

function scene(script: Script = {}, scopes: Principal['scopes'] = ['read', 'input', 'control']) {
  const logger = recordingLogger();
  const principal: Principal = { id: 'ada', scopes };
  const scripted = scriptedGateway(script);
  return { logger, scripted, gateway: audited(scoped(scripted, principal), { logger, principal }) };
}

describe('the operator log has one line', () => {
  it.each(controls)('of a $type that was accepted, with the Worker', async (command) => {
    const { logger, gateway } = scene();
    await gateway.execute(command);
    const fields = { principal: 'ada', operation: command.type, runtimeId, workerId, outcome: 'accepted' };
    expect(logger.lines).toEqual([{ level: 'info', message: 'audit', fields }]);
  });

  it.each(controls)('of a $type that its scopes forbid', async (command) => {
    const { logger, gateway, scripted } = scene({}, ['read', 'input']);
    await gateway.execute(command);
    expect(scripted.commands).toEqual([]);
    expect(logger.lines.map(({ fields }) => fields)).toEqual([
      {
        principal: 'ada',
        operation: command.type,
        runtimeId,
        ...(command.type !== 'create' && { workerId }),
        outcome: 'rejected',
        code: 'forbidden',
      },
    ]);
  });

  it('of a create that failed, with the id under which its cause stands in the log', async () => {
    const refusal = { outcome: 'errored', code: 'backend-fault', executed: 'unknown', correlationId } as const;
    const { logger, gateway } = scene({ execute: () => refusal });
    await gateway.execute(create);
    expect(logger.lines.map(({ fields }) => fields)).toEqual([
      { principal: 'ada', operation: 'create', runtimeId, outcome: 'errored', code: 'backend-fault', correlationId },
    ]);
  });

  it('of an operation whose caller did not wait, which goes on', async () => {
    const reason = new Error('left');
    const { logger, gateway } = scene({ execute: () => Promise.reject(reason) });
    await expect(gateway.execute({ type: 'stop', worker })).rejects.toBe(reason);
    expect(logger.lines.map(({ fields }) => fields['outcome'])).toEqual(['unanswered']);
  });

  it('without anything that the caller wrote', async () => {
    const { logger, gateway } = scene();
    for (const command of [...controls, ...others]) await gateway.execute(command);
    expect(JSON.stringify(logger.lines)).not.toContain('CANARY');
  });
});

it('of inputs, answers, cancels and reads there is none', async () => {
  const { logger, gateway, scripted } = scene();
  for (const command of others) await gateway.execute(command);
  await gateway.read({ type: 'worker', worker });
  for await (const _frame of gateway.observe(worker)) break;
  expect([scripted.commands.length, scripted.queries.length, scripted.observed.length]).toEqual([3, 1, 1]);
  expect(logger.lines).toEqual([]);
});
