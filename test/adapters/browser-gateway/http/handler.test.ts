import { describe, expect, it } from 'vitest';

import { httpHandler } from '../../../../src/adapters/browser-gateway/http/index.js';
import type { Principal } from '../../../../src/ports/authenticator.js';
import { problemSchema } from '../../../../src/protocol/browser.js';
import { api, everything, serving, workerUrl, workersUrl } from '../../../support/http.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { runtimeView, scriptedGateway } from '../../../support/scripted-gateway.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const problemOf = async (response: Response) => problemSchema.parse(await response.json());

describe('who may come in', () => {
  it.each(['', 'good', 'Basic good', 'Bearer', 'Bearer bad', 'Bearer good bad', 'Bearer gööd'])(
    'the authorization %j answers 401 unauthenticated, and how to ask',
    async (authorization) => {
      const gateway = scriptedGateway();
      const { ask } = serving(gateway);
      const response = await ask(workersUrl, {
        headers: { authorization: encodeURI(authorization).replace(/%20/g, ' ') },
      });
      expect([response.status, (await problemOf(response)).code]).toEqual([401, 'unauthenticated']);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="workport"');
      expect(gateway.queries).toEqual([]);
    },
  );

  it('B4: without a token a route that exists and one that does not look alike', async () => {
    const { ask } = serving(scriptedGateway());
    const headers = { authorization: 'Bearer bad' };
    const [there, nowhere] = await Promise.all([ask(workerUrl, { headers }), ask(`${api}/nowhere`, { headers })]);
    expect(await there.text()).toBe(await nowhere.text());
  });

  it('a request is served by the gateway of its principal alone', async () => {
    const whole = scriptedGateway();
    const own = scriptedGateway();
    const asked: Principal[] = [];
    const handler = httpHandler({
      gateway: whole,
      authenticator: { authenticate: async () => ({ principal: everything }) },
      gatewayFor: (principal) => {
        asked.push(principal);
        return own;
      },
    });
    const headers = { authorization: 'bearer x' };
    await handler(new Request(workersUrl, { headers }));
    expect([whole.queries.length, own.queries.length, asked]).toEqual([0, 1, [everything]]);
  });

  it('without an authenticator nobody has to say who they are', async () => {
    const handler = httpHandler({ gateway: scriptedGateway() });
    expect((await handler(new Request(workersUrl))).status).toBe(200);
    expect(handler.needsToken).toBe(false);
  });

  it.each([
    ['localhost:7420', 200],
    ['LOCALHOST:7420', 200],
    ['127.0.0.1:7420', 200],
    ['[::1]:7420', 200],
    ['127.0.0.2:7420', 200],
    ['127.evil.example:7420', 403],
    ['work.example', 200],
    ['work.example:99', 200],
    ['exact.example:99', 200],
    ['exact.example:98', 403],
    ['localhost:7421', 403],
    ['localhost', 403],
    ['evil.example:7420', 403],
    ['localhost.evil.example:7420', 403],
    ['127.0.0.1.evil.example:7420', 403],
    ['', 403],
  ])('the host %j answers %i', async (host, status) => {
    const options = { hosts: ['Work.Example', 'exact.example:99'] };
    const { ask } = serving(scriptedGateway(), { options });
    expect((await ask(workersUrl, { headers: { host } })).status).toBe(status);
  });

  it.each([
    ['http://127.0.0.1:7420', 200],
    ['https://listed.example', 200],
    ['https://127.0.0.1:7421', 403],
    ['http://evil.example', 403],
    ['https://listed.example.evil', 403],
    ['null', 403],
  ])('the origin %j answers %i', async (origin, status) => {
    const { ask } = serving(scriptedGateway(), { options: { origins: ['https://listed.example'] } });
    expect((await ask(workersUrl, { headers: { origin } })).status).toBe(status);
  });

  it('CORS is off unless the origin is listed', async () => {
    const { ask } = serving(scriptedGateway(), { options: { origins: ['https://listed.example'] } });
    const allowed = (response: Response) => response.headers.get('access-control-allow-origin');
    const listed = { origin: 'https://listed.example' };
    const preflight = await ask(workersUrl, { method: 'OPTIONS', headers: { ...listed, authorization: '' } });
    expect([preflight.status, allowed(preflight)]).toEqual([204, 'https://listed.example']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    expect(allowed(await ask(workersUrl, { headers: listed }))).toBe('https://listed.example');
    expect(allowed(await ask(`${api}/nowhere`, { headers: listed }))).toBe('https://listed.example');
    expect(allowed(await ask(workersUrl))).toBeNull();
    expect((await ask(workersUrl, { method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('every answer', () => {
  it.each(['/api/v1/runtimes', '/api/v1/nowhere', '/healthz', '/', '/api/v1/runtimes?foo'])(
    'of %s has the security headers',
    async (path) => {
      const { ask } = serving(scriptedGateway());
      const { headers } = await ask(`http://127.0.0.1:7420${path}`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  it.each(['/', '/api', '/api/v2/runtimes', '/metrics', '/api/v1', '/api/v1/', '/api/v1/sessions'])(
    'GET %s answers 404 route-unknown',
    async (path) => {
      const { ask } = serving(scriptedGateway());
      const response = await ask(`http://127.0.0.1:7420${path}`);
      expect([response.status, (await problemOf(response)).code]).toEqual([404, 'route-unknown']);
    },
  );

  it('GET of the WebSocket without an upgrade answers 400 request-invalid', async () => {
    const response = await serving(scriptedGateway()).ask(`${api}/socket`);
    expect([response.status, (await problemOf(response)).code]).toEqual([400, 'request-invalid']);
  });

  it.each([
    ['PUT', workerUrl, 'GET, DELETE'],
    ['POST', workerUrl, 'GET, DELETE'],
    ['DELETE', workersUrl, 'GET, POST'],
    ['GET', `${workerUrl}/inputs`, 'POST'],
    ['POST', `${workerUrl}/observations/stream`, 'GET'],
    ['POST', 'http://127.0.0.1:7420/healthz', 'GET'],
  ])('%s %s answers 405 and what is allowed', async (method, url, allow) => {
    const { ask } = serving(scriptedGateway());
    const response = await ask(url, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect((await problemOf(response)).code).toBe('method-not-allowed');
  });

  it('B2: a defect answers 500 internal, and its cause is in the operator log alone', async () => {
    const logger = recordingLogger();
    const cause = new Error('CANARY /home/user/.env');
    const { ask, post } = serving(
      scriptedGateway({
        read: () => Promise.reject(cause),
        execute: () => Promise.reject(cause),
      }),
      { logger },
    );
    const [read, sent] = [await ask(workersUrl), await post(`${workerUrl}/inputs`, { text: 'x' })];
    const [readText, sentText] = [await read.text(), await sent.text()];
    expect(readText + sentText).not.toContain('CANARY');
    expect([read.status, sent.status]).toEqual([500, 500]);
    const problems = [readText, sentText].map((text) => problemSchema.parse(JSON.parse(text)));
    expect(problems.map(({ code, executed }) => [code, executed])).toEqual([
      ['internal', 'no'],
      ['internal', 'unknown'],
    ]);
    expect(logger.lines.map(({ fields }) => fields)).toEqual(
      problems.map(({ correlationId }) => ({ correlationId, cause })),
    );
  });

  it('a caller that leaves stops waiting, and nothing is logged', async () => {
    const logger = recordingLogger();
    const leaving = new AbortController();
    const { ask } = serving(
      scriptedGateway({
        read: (_query, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
            leaving.abort();
          }),
      }),
      { logger },
    );
    await ask(workersUrl, { signal: leaving.signal });
    expect(logger.lines).toEqual([]);
  });
});

describe('health', () => {
  const at = (path: string) => `http://127.0.0.1:7420${path}`;

  it('is told without a token: live always, ready when recovery is over and nothing drains', async () => {
    let runtimes = [{ ...runtimeView, ready: false }];
    const gateway = scriptedGateway({ read: () => ({ outcome: 'answered', runtimes }) });
    const handler = httpHandler({
      gateway,
      authenticator: { authenticate: async () => undefined },
      gatewayFor: () => gateway,
    });
    const get = async (path: string) => {
      const response = await handler(new Request(at(path)));
      return [response.status, await response.json()];
    };
    expect(await get('/healthz')).toEqual([200, { live: true }]);
    expect(await get('/readyz')).toEqual([503, { ready: false }]);
    runtimes = [runtimeView];
    expect(await get('/readyz')).toEqual([200, { ready: true }]);
    runtimes = [{ ...runtimeView, draining: true }];
    expect(await get('/readyz')).toEqual([503, { ready: false }]);
  });
});

describe('an authenticator that hangs', () => {
  it('W18: is a defect after 10 seconds, and is told that nobody waits', async () => {
    const clock = virtualClock();
    const logger = recordingLogger();
    let asked: AbortSignal | undefined;
    const gateway = scriptedGateway();
    const handler = httpHandler({
      gateway,
      clock,
      logger,
      authenticator: {
        authenticate: (_token, { signal }) => {
          asked = signal;
          return new Promise(() => undefined);
        },
      },
      gatewayFor: () => gateway,
    });
    const answer = handler(new Request(workersUrl, { headers: { authorization: 'Bearer x' } }));
    await clock.settle();
    await clock.advance(10_000);
    const response = await Promise.race([answer, clock.settle()]);
    expect(response?.status).toBe(500);
    expect((await problemOf(response as Response)).code).toBe('internal');
    expect(asked?.aborted).toBe(true);
    expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
    expect(clock.pending).toBe(0);
  });
});
