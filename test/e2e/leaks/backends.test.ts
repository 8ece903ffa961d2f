import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { inMemoryBackend } from '../../../src/adapters/execution-backend/in-memory/index.js';
import { remoteSocketBackend } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { serveBackend } from '../../../src/adapters/execution-backend/serve/index.js';
import { failed, generatorBackend, text } from '../../../src/index.js';
import type { ExecutionBackend, Logger } from '../../../src/index.js';
import { writeKeyFile } from '../../support/listening-backend.js';
import { canaries } from '../../support/leaks/canary.js';
import type { Canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { inProcessHost } from '../../support/leaks/in-process-host.js';
import { leakingBackend } from '../../support/leaks/leaking-backend.js';
import { leakingError } from '../../support/leaks/leaking-error.js';
import { secretsOf } from '../../support/leaks/secrets.js';
import type { Secrets } from '../../support/leaks/secrets.js';
import type { Told } from '../../support/leaks/tells-nothing.js';
import { correlationIds, tellsNothing } from '../../support/leaks/tells-nothing.js';
import type { Tour } from '../../support/leaks/tour.js';
import { tour } from '../../support/leaks/tour.js';
import { suiteFolder } from '../../support/temporary-folder.js';

interface Kind {
  readonly spawns: readonly string[];
  readonly inputs: readonly string[];
  /** At least so many are told. */
  readonly failures: number;
  /** What the operator is told. */
  readonly logged: readonly string[];
  readonly backend: (scene: {
    readonly canary: Canaries;
    readonly secret: Secrets;
    readonly end: (() => Promise<unknown>)[];
  }) => Promise<(logger: Logger) => ExecutionBackend>;
}

const spawns = ['connected', 'rejected', 'errored', 'throws', 'throwsText', 'wrong', 'codes'];
const inputs = [
  ['content', 'declared', 'undeclared', 'noCode', 'rejected', 'declaredRejected', 'errored', 'throws', 'throwsText'],
  ['wrong', 'badId', 'unknownType', 'otherInput', 'exit', 'signal', 'lost', 'ask', 'hang'],
].flat();
const everything = { spawns, inputs, failures: 6, logged: ['spawnRejected', 'runCode', 'inputErrored'] };

/** Served in this process on a socket whose path, key and key file nobody else is to know. */
async function behindSocket({ canary, secret, end }: Parameters<Kind['backend']>[0]) {
  const folder = await suiteFolder();
  const key = { id: canary.name('key-id'), secret: Buffer.from(canary.text('key').padEnd(32, '.')) };
  canary.plant('key-as-hex', key.secret.toString('hex'));
  const keyFile = await writeKeyFile(join(folder, canary.name('key-file')), [key]);
  const address = `unix:${join(folder, canary.name('socket'))}`;
  const listener = await serveBackend(leakingBackend(secret), { listen: address, keyFile });
  end.push(async () => listener[Symbol.asyncDispose]());
  const { id } = key;
  return (logger: Logger) =>
    remoteSocketBackend({ id: secret['backendId'], address, keyFile, keyId: id, graceMs: 1000 }, { logger });
}

/** An author's generator that throws, ends and asks as authors do. */
function generators(secret: Secrets, logger: Logger): ExecutionBackend {
  return generatorBackend({
    id: secret['backendId'] ?? '',
    codes: ['declared-code'],
    logger,
    start: ({ profile }) => {
      const { spawn } = profile.options as { readonly spawn: string };
      if (spawn === 'throws') throw leakingError(secret);
      return { secret: secret['recoverState'] };
    },
    async *run({ parts: [part] }, { signal, ask }) {
      const input = part?.type === 'text' ? part.text : '';
      yield text('content-marker');
      if (input === 'declared') throw failed('declared-code');
      if (input === 'undeclared') throw failed(secret['runCode'] ?? '');
      if (input === 'throws') throw leakingError(secret);
      if (input === 'wrong') yield { type: secret['eventType'], secret: secret['eventField'] } as never;
      if (input === 'ask') await ask({ prompt: 'Sure?', options: [{ optionId: 'yes', label: 'Yes' }] });
      if (input === 'hang') await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    close: () => {
      throw leakingError(secret);
    },
  });
}

const kinds: Readonly<Record<string, Kind>> = {
  'a plain object': {
    ...everything,
    backend:
      async ({ secret }) =>
      () =>
        leakingBackend(secret),
  },
  'a backend behind both ends of the wire in memory': {
    ...everything,
    backend:
      async ({ secret }) =>
      (logger) =>
        inMemoryBackend(leakingBackend(secret), { logger }),
  },
  'a backend behind a socket with a key': { ...everything, backend: behindSocket },
  'a backend of generators': {
    spawns: ['connected', 'throws'],
    inputs: ['content', 'declared', 'undeclared', 'throws', 'wrong', 'ask', 'hang'],
    failures: 1,
    logged: ['errorCause', 'runCode'],
    backend:
      async ({ secret }) =>
      (logger) =>
        generators(secret, logger),
  },
};

describe.each(Object.entries(kinds))('of %s that gives its secrets away', (_name, { backend, ...kind }) => {
  let scene: Told & Pick<Tour, 'said'> & { readonly secret: Secrets };
  beforeAll(async () => {
    const canary = canaries();
    const secret = secretsOf(canary);
    const end: (() => Promise<unknown>)[] = [];
    const options = { secret: canary.text('options') };
    const host = await inProcessHost(kind.spawns, await backend({ canary, secret, end }), options);
    const toured = await tour({ url: host.url, token: host.token, ...kind });
    await host[Symbol.asyncDispose]();
    await toured.ended;
    scene = { ...toured, planted: canary.planted, logged: host.logged(), secret };
    return async () => {
      for (const run of end) await run();
    };
  }, 60_000);

  tellsNothing(() => scene);

  test('B2: what it says as content crosses as it is', () => {
    expect(scene.said['content']?.at(-1)?.body).toContain('"text":"content-marker"');
  });

  test('B5: a code of its own crosses where it is declared, else it is in the operator log alone', () => {
    expect(scene.said['declared']?.at(-1)?.body).toContain('"end":"failed","backendCode":"declared-code"');
    const given = kind.logged.map((where) => ({ where, value: scene.secret[where] ?? '' }));
    expect(findLeaks(scene.logged, given)).toEqual(kind.logged);
    expect(correlationIds(scene.recording).size).toBeGreaterThanOrEqual(kind.failures);
  });
});
