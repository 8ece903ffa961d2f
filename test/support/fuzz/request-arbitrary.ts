import * as fc from 'fast-check';

import type { Operation, Parameter } from '../openapi/document.js';
import { document } from '../openapi/document.js';

import { jsonTextBy, text, validBy } from './json-arbitrary.js';

/** What is known to be there; a request is of something else, too. */
export interface Known {
  readonly runtimeId: string;
  readonly workerIds: readonly string[];
}

export interface FuzzedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
}

const headerText = fc.stringMatching(/^[\x21-\x7e]([\x20-\xff]{0,40}[\x21-\x7e])?$/);
const oddSegments = ['%', '%zz', '%E0%A4%A', '%00', '%2F', '__proto__', 'constructor', 'x'.repeat(300)];
const escaped = (value: string): string => encodeURIComponent(Buffer.from(value).toString());

const valueOf = (parameter: Parameter): fc.Arbitrary<string> => validBy(parameter.schema).map(String);

function segment(parameter: Parameter, known: Known): fc.Arbitrary<string> {
  const there = { runtimeId: [known.runtimeId], workerId: known.workerIds }[parameter.name] ?? [];
  return fc.oneof(
    ...(there.length > 0 ? [{ weight: 8, arbitrary: fc.constantFrom(...there) }] : []),
    { weight: 1, arbitrary: valueOf(parameter) },
    { weight: 1, arbitrary: fc.constantFrom(...oddSegments) },
  );
}

function pathOf(path: string, { parameters }: Operation, known: Known): fc.Arbitrary<string> {
  const named = parameters.filter((parameter) => parameter.in === 'path');
  return fc
    .tuple(...named.map((parameter) => segment(parameter, known)))
    .map((values) =>
      named.reduce((made, { name }, index) => made.replace(`{${name}}`, () => values[index] ?? ''), path),
    );
}

function queryOf({ parameters }: Operation): fc.Arbitrary<string> {
  const pairs = parameters
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) =>
      fc
        .oneof(
          { weight: 4, arbitrary: valueOf(parameter) },
          { weight: 1, arbitrary: text.map(escaped) },
          { weight: 1, arbitrary: fc.constantFrom('', '0', '-1', '1e3', '01', '501', '9'.repeat(30), 'start', '%zz') },
        )
        .map((value) => `${parameter.name}=${value}`),
    );
  const odd = fc.constantFrom('extra=1', '__proto__=1', '=', '&&', 'limit=1&limit=1', '%', 'after');
  if (pairs.length === 0)
    return fc.oneof(
      { weight: 5, arbitrary: fc.constant('') },
      odd.map((pair) => `?${pair}`),
    );
  const some = fc.array(fc.oneof({ weight: 6, arbitrary: fc.oneof(...pairs) }, odd), { maxLength: 3 });
  return some.map((chosen) => (chosen.length > 0 ? `?${chosen.join('&')}` : ''));
}

const types = [
  'application/json; charset=utf-8',
  'text/plain',
  'application/json; charset=latin1',
  'multipart/form-data',
  '',
  'x',
];
const odd: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant('content-type'), fc.constantFrom(...types)),
  fc.tuple(fc.constant('content-encoding'), fc.constantFrom('gzip', 'identity', 'br')),
  fc.tuple(fc.constantFrom('if-none-match', 'if-match', 'if-modified-since', 'range', 'accept', 'cookie'), headerText),
  fc.tuple(
    fc.constantFrom('idempotency-key', 'last-event-id', 'x-forwarded-host', 'x-http-method-override'),
    headerText,
  ),
  fc.tuple(fc.constant('origin'), fc.constantFrom('null', 'http://evil.example', 'http://127.0.0.1:7420', 'x')),
  fc.tuple(fc.constant('host'), fc.constantFrom('', 'evil.example', '127.0.0.1:7420', 'a b', '[::1')),
  fc.tuple(fc.constant('authorization'), fc.oneof(fc.constant(''), headerText)),
  fc.tuple(fc.constant('content-length'), fc.constantFrom('0', '1', '-1', '99999999999999', 'x')),
);

function headersOf({ parameters, requestBody }: Operation): fc.Arbitrary<readonly (readonly [string, string])[]> {
  const described = parameters
    .filter((parameter) => parameter.in === 'header')
    .map((parameter) => valueOf(parameter).map((value): readonly [string, string] => [parameter.name, value]));
  const usual: (readonly [string, string])[] = [
    ['authorization', 'Bearer good'],
    ...(requestBody ? [['content-type', 'application/json'] as const] : []),
  ];
  const more = fc.oneof(...described.map((arbitrary) => ({ weight: 3, arbitrary })), { weight: 1, arbitrary: odd });
  const none = fc.constant<readonly (readonly [string, string])[]>([]);
  return fc
    .oneof({ weight: 3, arbitrary: none }, { weight: 2, arbitrary: fc.array(more, { minLength: 1, maxLength: 2 }) })
    .map((chosen) => [...usual, ...chosen]);
}

function bodyOf({ requestBody }: Operation): fc.Arbitrary<FuzzedRequest['body']> {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((made) => new Uint8Array(made));
  const none = fc.constant(undefined);
  if (!requestBody) return none;
  const json = jsonTextBy(requestBody.content['application/json'].schema);
  return fc.oneof({ weight: 10, arbitrary: json }, { weight: 1, arbitrary: bytes }, { weight: 1, arbitrary: none });
}

function requestOf(path: string, method: string, operation: Operation, known: Known): fc.Arbitrary<FuzzedRequest> {
  return fc.record({
    method: fc.oneof(
      { weight: 20, arbitrary: fc.constant(method.toUpperCase()) },
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'QUERY'),
    ),
    target: fc.tuple(pathOf(path, operation, known), queryOf(operation)).map((parts) => parts.join('')),
    headers: headersOf(operation),
    body: bodyOf(operation),
  });
}

/** Requests to every operation of the document: valid, almost valid, and odd. */
export const fuzzedRequest = (known: Known): fc.Arbitrary<FuzzedRequest> =>
  fc.oneof(
    ...Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => requestOf(path, method, operation, known)),
    ),
  );
