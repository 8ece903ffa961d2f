import { securityHeaders } from '../../../src/adapters/browser-gateway/http/security-headers.js';

import type { DescribedResponse, Found } from './document.js';
import { componentErrors, errorsAt } from './document.js';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Absent where it is a stream, which is checked event by event as it is read. */
  readonly body?: string | undefined;
}

/** What any answer may have: the document says them once, in words, or they are of HTTP itself. */
const ambient = new Set([
  ...Object.keys(securityHeaders),
  ...['access-control-allow-origin', 'access-control-expose-headers', 'vary'],
  ...['content-type', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'],
  'x-accel-buffering',
]);

const mediaTypeOf = (headers: Headers): string => (headers.get('content-type') ?? '').split(';')[0] ?? '';

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function headerErrors({ headers = {} }: DescribedResponse, answered: Answered): readonly string[] {
  const known = Object.keys(headers);
  return [
    ...known
      .filter((name) => headers[name]?.required && !answered.headers.has(name))
      .map((name) => `${name} is missing`),
    ...[...answered.headers.keys()]
      .filter((name) => !known.includes(name) && !ambient.has(name))
      .map((name) => `${name} is not described`),
  ];
}

function bodyErrors(found: Found, { content = {} }: DescribedResponse, answered: Answered): readonly string[] {
  const { status, body } = answered;
  const type = mediaTypeOf(answered.headers);
  if (Object.keys(content).length === 0) return type === '' && !body ? [] : ['a body where there is none'];
  if (!content[type]) return [`the media type ${type} is not described`];
  if (type === 'text/event-stream' || body === undefined) return [];
  const { path, method } = found;
  return errorsAt(['paths', path, method, 'responses', status, 'content', type, 'schema'], json(body));
}

/** What is wrong with an answer by the document. */
export function responseErrors(found: Found, answered: Answered): readonly string[] {
  const response = found.operation.responses[answered.status];
  if (!response) return [`${answered.status} is not described: ${answered.body ?? ''}`];
  return [...headerErrors(response, answered), ...bodyErrors(found, response, answered)];
}

/** What answers where the document has no operation: a Problem of these. */
const outside: Readonly<Record<number, string>> = {
  400: 'request-invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'route-unknown',
  405: 'method-not-allowed',
};

export function outsideErrors({ status, headers, body = '' }: Answered): readonly string[] {
  if (status === 204 && headers.has('access-control-allow-methods')) return [];
  const problem = json(body) as { readonly code?: string } | undefined;
  if (problem?.code === undefined || problem.code !== outside[status]) return [`no operation, yet ${status} ${body}`];
  if (status === 405 && !headers.has('allow')) return ['allow is missing'];
  return componentErrors('Problem', problem);
}
