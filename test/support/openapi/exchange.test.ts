import { describe, expect, it } from 'vitest';

import { api, workerUrl } from '../http.js';
import { cursorAt, inputId, workerView } from '../scripted-gateway.js';

import { askedBy, checkExchange } from './exchange.js';

const json = { 'content-type': 'application/json' };
const answered = (status: number, body: unknown, headers: Record<string, string> = json) => ({
  status,
  headers: new Headers(headers),
  body: JSON.stringify(body),
});
const problem = (status: number, code: string) => ({
  ...answered(status, { type: `urn:workport:problem:${code}`, title: 'x', status, code }),
  headers: new Headers({ 'content-type': 'application/problem+json' }),
});
const send = (body: object) => askedBy(`${workerUrl}/inputs`, { method: 'POST', body: JSON.stringify(body) });
const taken = answered(202, { inputId, cursor: cursorAt(3) });

describe('an exchange', () => {
  it('that is as the document says passes', () => {
    checkExchange(send({ text: 'x' }), taken);
    checkExchange(send({ text: 1 }), problem(400, 'request-invalid'));
    checkExchange(askedBy(workerUrl, {}), answered(200, { worker: workerView }));
    checkExchange(askedBy(`${api}/nowhere`, {}), problem(404, 'route-unknown'));
  });

  it.each([
    ['a body that is taken and not valid', send({ text: 1 }), taken],
    ['a body that is refused and valid', send({ text: 'x' }), problem(400, 'request-invalid')],
    ['a key of a query that is taken', askedBy(`${workerUrl}?x=1`, {}), answered(200, { worker: workerView })],
    ['a status that is not described', send({ text: 'x' }), { ...taken, status: 200 }],
    ['a code that is not described', send({ text: 'x' }), problem(409, 'worker-conflict')],
    ['a code of another status', send({ text: 'x' }), problem(422, 'busy')],
    ['a media type that is not described', send({ text: 'x' }), { ...taken, headers: new Headers() }],
    [
      'a header that is not described',
      send({ text: 'x' }),
      answered(202, { inputId, cursor: cursorAt(3) }, { ...json, etag: 'x' }),
    ],
    ['a header that is missing', send({ text: 'x' }), problem(429, 'quota-exceeded')],
    ['an answer with a key more', askedBy(workerUrl, {}), answered(200, { worker: { ...workerView, pid: 1 } })],
    ['a good answer where no operation is', askedBy(`${api}/nowhere`, {}), answered(200, {})],
  ])('fails with %s', (_what, asked, response) => {
    expect(() => checkExchange(asked, response)).toThrow('not as the OpenAPI document says');
  });
});
