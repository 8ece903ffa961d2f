/** JSON-RPC 2.0 objects as lines. Errors are for faults of the protocol only, with a fixed text per code (E2). */
export type RequestId = string | number;

export const rpcErrors = {
  'parse-error': { code: -32700, message: 'Parse error' },
  'invalid-request': { code: -32600, message: 'Invalid request' },
  'method-not-found': { code: -32601, message: 'Method not found' },
  'invalid-params': { code: -32602, message: 'Invalid params' },
  'unsupported-version': { code: -32000, message: 'Unsupported version' },
  'protocol-violation': { code: -32001, message: 'Protocol violation' },
} as const;
export type RpcErrorKind = keyof typeof rpcErrors;
export const methodNotFound = rpcErrors['method-not-found'].code;

export interface RpcErrorData {
  readonly kind: RpcErrorKind;
  readonly correlationId: string;
  readonly supported?: readonly number[];
  /** The line that was wrong, counted from 1 in what its sender wrote. */
  readonly line?: number;
}

export const requestLine = (id: number, method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
export const notificationLine = (method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`;
export const resultLine = (id: RequestId, result: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;
export const errorLine = (id: RequestId | null, data: RpcErrorData): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, error: { ...rpcErrors[data.kind], data } })}\n`;

/** Bytes of a line on the wire, without its line feed. */
export const lineBytes = (line: string): number => Buffer.byteLength(line) - 1;

export type Message =
  | { readonly type: 'request'; readonly id: RequestId; readonly method: string; readonly params: unknown }
  | { readonly type: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly type: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly type: 'error'; readonly id: RequestId; readonly code: number; readonly data: unknown }
  /** An error that answers no request: the other end could not read a line of ours. */
  | { readonly type: 'complaint'; readonly data: unknown };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is RequestId => typeof value === 'string' || typeof value === 'number';

/** What a line says, or `undefined` where it is JSON but not JSON-RPC. Throws where it is not JSON. */
export function readMessage(text: string): Message | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params } = value;
  if (typeof method === 'string') {
    if (id === undefined) return { type: 'notification', method, params };
    return isId(id) ? { type: 'request', id, method, params } : undefined;
  }
  if (method !== undefined) return undefined;
  return readResponse(value);
}

function readResponse(value: Readonly<Record<string, unknown>>): Message | undefined {
  const { id, result, error } = value;
  if (result !== undefined && error === undefined) return isId(id) ? { type: 'result', id, result } : undefined;
  if (!isObject(error) || result !== undefined || typeof error['code'] !== 'number') return undefined;
  if (id === null) return { type: 'complaint', data: error['data'] };
  return isId(id) ? { type: 'error', id, code: error['code'], data: error['data'] } : undefined;
}
