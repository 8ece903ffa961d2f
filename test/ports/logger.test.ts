import { expect, test } from 'vitest';

import { createRuntime, generatorBackend } from '../../src/index.js';
import type { Logger } from '../../src/ports/logger.js';
import { unfailing } from '../../src/ports/logger.js';
import { recordingLogger } from '../support/recording-logger.js';
import { createWorker, isType, observeUntil, textPart } from '../support/runtime.js';

const fail = (): never => {
  throw new Error('no room is left');
};
const failing: Logger = { trace: fail, debug: fail, info: fail, warn: fail, error: fail, child: fail };

test('an unfailing logger says what its logger says, and keeps what that throws to itself', () => {
  const logger = recordingLogger();
  unfailing(logger).child({ workerId: 'w' }).warn('late', { ms: 5 });
  unfailing(logger).info('ready');
  expect(logger.lines).toEqual([
    { level: 'warn', message: 'late', fields: { workerId: 'w', ms: 5 } },
    { level: 'info', message: 'ready', fields: {} },
  ]);
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) unfailing(failing)[level]('lost');
  unfailing(failing).child({}).error('lost');
});

test('W16: a run that fails ends as failed where nothing can be logged', async () => {
  const backend = generatorBackend({ id: 'failing', logger: failing, run: fail });
  await using runtime = createRuntime({ logger: failing, profiles: { test: { label: 'Test', backend } } });
  const worker = await createWorker(runtime);
  await runtime.execute({ type: 'input', worker, parts: textPart('go') });
  const seen = await observeUntil(runtime, worker, isType('input-ended'));
  expect(seen.at(-1)?.event).toMatchObject({ end: 'failed' });
});
