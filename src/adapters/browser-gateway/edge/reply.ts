import { securityHeaders } from './security-headers.js';

/** Names are in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;

/** An answer before it is told to anybody in particular: as a `Response`, or to a socket. */
export interface Reply {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: string | ReadableStream<Uint8Array> | null;
}

const jsonHeaders = { ...securityHeaders, 'content-type': 'application/json' };

/** An answer whose JSON is there already. */
export const encodedReply = (status: number, json: string, headers?: HeaderFields): Reply => ({
  status,
  headers: headers ? { ...jsonHeaders, ...headers } : jsonHeaders,
  body: json,
});

export const jsonReply = (status: number, body: object, headers?: HeaderFields): Reply =>
  encodedReply(status, JSON.stringify(body), headers);

export const emptyReply = (status: number, headers?: HeaderFields): Reply => ({
  status,
  headers: { ...securityHeaders, ...headers },
  body: null,
});

export const responseOf = ({ status, headers, body }: Reply): Response => new Response(body, { status, headers });
