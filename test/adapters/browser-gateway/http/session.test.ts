import { describe, expect, it } from 'vitest';

import { sessionAuthenticator } from '../../../../src/adapters/authenticator/session/index.js';
import { accessEntry, tokenAuthenticator } from '../../../../src/adapters/authenticator/token/index.js';
import { httpHandler } from '../../../../src/adapters/browser-gateway/http/index.js';
import { authenticators } from '../../../../src/index.js';
import type { Principal } from '../../../../src/index.js';
import { problemSchema, responseSchemas } from '../../../../src/protocol/browser.js';
import { api, workerUrl, workersUrl } from '../../../support/http.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { scriptedGateway, workerView } from '../../../support/scripted-gateway.js';
import { cursorAt } from '../../../support/scripted-gateway.js';
import { sseReader } from '../../../support/sse-reader.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const principal: Principal = { id: 'ada', scopes: ['read'], own: true };
const sessionUrl = `${api}/session`;

function scene() {
  const clock = virtualClock(Date.parse('2026-11-30T00:00:00.000Z'));
  const logger = recordingLogger();
  const sessions = sessionAuthenticator({ clock });
  const gateway = scriptedGateway({
    observe: async function* (_from, signal) {
      yield { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  const served: Principal[] = [];
  const handler = httpHandler({
    gateway,
    authenticator: authenticators([tokenAuthenticator([accessEntry('good')]), sessions]),
    gatewayFor: (who) => {
      served.push(who);
      return gateway;
    },
    sessions,
    clock,
    logger,
  });
  const ask = (url: string, method: string, token?: string, body?: unknown) =>
    handler(
      new Request(url, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
      { localPort: 7420 },
    );
  const exchange = (code: string) => ask(sessionUrl, 'POST', undefined, { code });
  const open = async () =>
    responseSchemas.session.parse(await (await exchange(sessions.issueCode({ principal }))).json()).token;
  return { clock, logger, sessions, ask, exchange, open, served };
}

const answerOf = async (response: Response) => [response.status, problemSchema.parse(await response.json()).code];

describe('POST /session', () => {
  it('exchanges a code, without a token, for one that comes in as the principal of the code', async () => {
    const { sessions, exchange, ask, served } = scene();
    const response = await exchange(sessions.issueCode({ principal }));
    const { token, expiresAt } = responseSchemas.session.parse(await response.json());
    expect([response.status, expiresAt, response.headers.get('cache-control')]).toEqual([
      200,
      '2026-11-30T12:00:00.000Z',
      'no-store',
    ]);
    expect((await ask(workersUrl, 'GET', token)).status).toBe(200);
    expect(served).toEqual([principal]);
  });

  it('answers a wrong, a used and a late code in the same words: 401 unauthenticated', async () => {
    const { sessions, exchange, clock } = scene();
    const used = sessions.issueCode({ principal });
    await exchange(used);
    const late = sessions.issueCode({ principal });
    await clock.advance(600_000);
    const answers = await Promise.all(['wrong', used, late].map(exchange));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(texts).size).toBe(1);
  });

  it('after thirty wrong codes in a minute answers a further one with 429 and when to ask again, a right one with 200', async () => {
    const { sessions, exchange, clock } = scene();
    const right = sessions.issueCode({ principal });
    for (let tries = 0; tries < 30; tries += 1) expect((await exchange('wrong')).status).toBe(401);
    await clock.advance(12_345);
    const limited = await exchange('wrong');
    expect(limited.headers.get('retry-after')).toBe('48');
    expect(await answerOf(limited)).toEqual([429, 'quota-exceeded']);
    expect((await exchange(right)).status).toBe(200);
    await clock.advance(48_000);
    expect((await exchange('wrong')).status).toBe(401);
  });

  it.each([{}, { code: '' }, { code: 7 }, { code: 'x'.repeat(257) }, { code: 'x', other: 1 }, []])(
    'answers the body %j with 400 request-invalid',
    async (body) => {
      const { ask } = scene();
      expect(await answerOf(await ask(sessionUrl, 'POST', undefined, body))).toEqual([400, 'request-invalid']);
    },
  );

  it('where there are no sessions answers 404 route-unknown', async () => {
    const gateway = scriptedGateway();
    const handler = httpHandler({ gateway });
    const headers = { 'content-type': 'application/json' };
    const asked = new Request(sessionUrl, { method: 'POST', headers, body: '{"code":"x"}' });
    expect(await answerOf(await handler(asked))).toEqual([404, 'route-unknown']);
    expect(await answerOf(await handler(new Request(sessionUrl, { method: 'DELETE' })))).toEqual([
      404,
      'route-unknown',
    ]);
  });
});

describe('DELETE /session', () => {
  it('ends the session it comes with, and its live streams with revoked; another session goes on', async () => {
    const { ask, open } = scene();
    const [mine, other] = [await open(), await open()];
    const stream = async (token: string) => {
      const { body } = await ask(`${workerUrl}/observations/stream`, 'GET', token);
      if (!body) throw new Error('no stream');
      const reader = sseReader(body);
      await reader.take(1);
      return reader;
    };
    const [watched, goesOn] = [await stream(mine), await stream(other)];
    const ended = await ask(sessionUrl, 'DELETE', mine);
    expect([ended.status, await ended.text()]).toEqual([204, '']);
    expect((await watched.all()).at(-1)).toEqual({ event: 'end', data: '{"code":"revoked"}' });
    expect(await answerOf(await ask(workersUrl, 'GET', mine))).toEqual([401, 'unauthenticated']);
    expect((await ask(workersUrl, 'GET', other)).status).toBe(200);
    await goesOn.cancel();
  });

  it('with a token that is no session answers 403 forbidden, and the token goes on', async () => {
    const { ask } = scene();
    expect(await answerOf(await ask(sessionUrl, 'DELETE', 'good'))).toEqual([403, 'forbidden']);
    expect((await ask(workersUrl, 'GET', 'good')).status).toBe(200);
  });

  it('without a token answers 401', async () => {
    const { ask } = scene();
    expect(await answerOf(await ask(sessionUrl, 'DELETE'))).toEqual([401, 'unauthenticated']);
  });
});

describe('wrong tokens and codes', () => {
  it('are told to the operator: the first at once, then a line a minute with how many, never what they were', async () => {
    const { ask, exchange, logger, clock } = scene();
    const wrong = () => ask(workersUrl, 'GET', 'CANARY');
    await wrong();
    for (let count = 0; count < 40; count += 1) await (count % 2 ? wrong() : exchange('CANARY'));
    await ask(workersUrl, 'GET');
    expect(logger.lines).toEqual([{ level: 'warn', message: 'authentication failed', fields: { count: 1 } }]);
    await clock.advance(60_000);
    expect(logger.lines.map(({ fields }) => fields)).toEqual([{ count: 1 }, { count: 40 }]);
    await clock.advance(60_000);
    await wrong();
    expect(logger.lines.map(({ fields }) => fields)).toEqual([{ count: 1 }, { count: 40 }, { count: 1 }]);
    expect(JSON.stringify(logger.lines)).not.toContain('CANARY');
  });
});
