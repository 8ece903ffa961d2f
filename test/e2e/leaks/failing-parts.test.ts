import { inspect } from 'node:util';

import { beforeAll, describe, expect, test } from 'vitest';

import type { HttpDependencies } from '../../../src/adapters/browser-gateway/http/index.js';
import type { Sessions } from '../../../src/ports/authenticator.js';
import type { BrowserGateway, Frame } from '../../../src/ports/browser-gateway.js';
import { systemClock } from '../../../src/ports/clock.js';
import type { Logger } from '../../../src/ports/logger.js';
import { canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { hostToken, serveGateway } from '../../support/leaks/in-process-host.js';
import { leakingError } from '../../support/leaks/leaking-error.js';
import { leaksIn, textsIn } from '../../support/leaks/leaks-in.js';
import { recorder } from '../../support/leaks/recorder.js';
import type { Recording } from '../../support/leaks/recording.js';
import type { Secrets } from '../../support/leaks/secrets.js';
import { secretsOf } from '../../support/leaks/secrets.js';
import { outsideOfSchema } from '../../support/leaks/shape.js';
import type { RecordedSocket } from '../../support/leaks/socket-recorder.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import { api } from '../../support/leaks/tour.js';
import { visit } from '../../support/leaks/visit.js';
import { recordingLogger } from '../../support/recording-logger.js';
import { correlationId, cursorAt, scriptedGateway, workerId, workerView } from '../../support/scripted-gateway.js';

interface Parts {
  readonly gateway?: BrowserGateway;
  readonly logger?: Logger;
  readonly more?: Partial<HttpDependencies>;
  /** Nothing but HTTP: sockets cannot do without it. */
  readonly isHttpAlone?: boolean;
}

/** Rejects with whatever it is given. */
function rejected(reason: unknown): Promise<never> {
  const error = reason as Error;
  return Promise.reject(error);
}

function failingLogger(secret: Secrets): Logger {
  const fail = (): never => {
    throw leakingError(secret);
  };
  return { trace: fail, debug: fail, info: fail, warn: fail, error: fail, child: () => failingLogger(secret) };
}

/** Frames of a Worker that is there, and then what `after` does. */
async function* framesThen(after: () => Promise<Frame>): AsyncGenerator<Frame> {
  yield { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
  yield await after();
}

/** What fails, each in its way. */
const failing: Readonly<Record<string, (secret: Secrets) => Parts>> = {
  'a gateway that rejects': (secret) => ({
    gateway: scriptedGateway({
      execute: () => rejected(leakingError(secret)),
      read: () => rejected(leakingError(secret)),
      observe: () => framesThen(() => rejected(leakingError(secret))),
    }),
  }),
  'a gateway that throws': (secret) => ({
    gateway: {
      execute: () => {
        throw leakingError(secret);
      },
      read: () => {
        throw leakingError(secret);
      },
      observe: () => {
        throw leakingError(secret);
      },
    },
  }),
  'a gateway that rejects with a text': ({ thrownText }) => ({
    gateway: scriptedGateway({
      execute: () => rejected(thrownText),
      read: () => rejected(thrownText),
      observe: () => framesThen(() => rejected(thrownText)),
    }),
  }),
  'a gateway that refuses with more than a code': (secret) => {
    const refusal = {
      outcome: 'errored',
      code: 'backend-fault',
      executed: 'no',
      correlationId,
      message: secret['errorMessage'],
      detail: leakingError(secret),
      title: secret['detail'],
      cause: secret['errorCause'],
    } as const;
    return {
      gateway: scriptedGateway({
        execute: () => refusal,
        read: () => refusal,
        observe: async function* () {
          yield { type: 'problem', problem: refusal };
        },
      }),
    };
  },
  'an authenticator that rejects': (secret) => ({
    more: { authenticator: { authenticate: () => rejected(leakingError(secret)) } },
  }),
  'an authenticator that throws': (secret) => ({
    more: {
      authenticator: {
        authenticate: () => {
          throw leakingError(secret);
        },
      },
    },
  }),
  'a principal that is let in to nothing': (secret) => ({
    more: {
      gatewayFor: () => {
        throw leakingError(secret);
      },
    },
  }),
  'sessions that reject': (secret) => ({
    more: {
      sessions: {
        authenticate: () => rejected(leakingError(secret)),
        issueCode: () => '',
        exchange: () => rejected(leakingError(secret)),
        end: () => rejected(leakingError(secret)),
      } satisfies Sessions,
    },
  }),
  'a logger that throws, too': (secret) => ({
    gateway: scriptedGateway({
      execute: () => rejected(leakingError(secret)),
      read: () => rejected(leakingError(secret)),
      observe: () => framesThen(() => rejected(leakingError(secret))),
    }),
    logger: failingLogger(secret),
  }),
  'a clock that throws': (secret) => ({
    isHttpAlone: true,
    more: {
      clock: {
        ...systemClock,
        now: () => {
          throw leakingError(secret);
        },
      },
    },
  }),
};

describe.each(Object.entries(failing))('of %s', (name, parts) => {
  const canary = canaries();
  const secret = secretsOf(canary);
  const logger = recordingLogger();
  let recording: Recording;
  beforeAll(async () => {
    const { gateway = scriptedGateway(), more = {}, ...rest } = parts(secret);
    const host = await serveGateway(gateway, rest.logger ?? logger, more);
    const record = recorder(host.url, hostToken);
    const { ask } = record;
    await ask({ path: '/healthz', kind: 'live' });
    await ask({ path: '/readyz', kind: 'ready' });
    await ask({ path: '/api/v1/runtimes', kind: 'runtimes' });
    await ask({ path: api, kind: 'runtime', headers: { authorization: 'Bearer wrong' } });
    await ask({ path: api, kind: 'runtime', headers: { host: 'elsewhere' } });
    await ask({ method: 'POST', path: '/api/v1/session', kind: 'session', body: { code: 'x' } });
    await ask({ method: 'DELETE', path: '/api/v1/session', kind: 'session' });
    await ask({ method: 'POST', path: `${api}/workers`, kind: 'create', body: { profile: 'planned' } });
    const sockets: RecordedSocket[] = [];
    if (!rest.isHttpAlone) {
      const wrong = await recordSocket(host.url, { asked: 'socket with a wrong token', token: 'wrong' });
      await wrong.closed;
      const socket = await recordSocket(host.url, { asked: 'socket', token: hostToken });
      await visit(record, socket, { runtimeId: 'local', workerId });
      sockets.push(wrong, socket);
    }
    await host.close();
    for (const { closed } of sockets) await closed;
    recording = { replies: record.replies, sockets };
  });

  test('B2: no word of what it throws is in any byte that leaves', () => {
    expect(leaksIn(recording, canary.planted)).toEqual([]);
    expect(textsIn(recording, ['    at ', 'Error:', '/secret/path.js', process.cwd()])).toEqual([]);
  });

  test('B1: every key, title and close is in the schema', () => {
    expect(outsideOfSchema(recording)).toEqual([]);
    expect(recording.replies?.filter(({ status }) => !(status >= 200))).toEqual([]);
  });

  // A logger and a clock that throw leave no line to look at, and what a refusal says beside its code is no cause.
  if (/logger|clock|more than a code/.test(name)) return;

  test('B2: what it throws stands in the operator log', () => {
    const logged = logger.lines.map((line) => inspect(line, { depth: 10, breakLength: Infinity })).join('\n');
    expect(findLeaks(logged, canary.planted)).toContain(name.endsWith('a text') ? 'thrownText' : 'errorCause');
  });
});
