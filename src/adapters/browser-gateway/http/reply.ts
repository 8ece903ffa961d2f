import { securityHeaders } from './security-headers.js';

export type HeaderFields = Readonly<Record<string, string>>;

const jsonHeaders = { ...securityHeaders, 'content-type': 'application/json' };

/** An answer whose JSON is there already. */
export const encodedReply = (status: number, json: string, headers?: HeaderFields): Response =>
  new Response(json, { status, headers: headers ? { ...jsonHeaders, ...headers } : jsonHeaders });

export const jsonReply = (status: number, body: object, headers?: HeaderFields): Response =>
  encodedReply(status, JSON.stringify(body), headers);

export const emptyReply = (status: number, headers?: HeaderFields): Response =>
  new Response(null, { status, headers: { ...securityHeaders, ...headers } });
