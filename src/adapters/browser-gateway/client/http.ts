import { abortable, linkedSignal } from '../../../ports/abort.js';
import { backOffMs, wait } from './clock.js';
import type { Context } from './options.js';
import { attempts } from './options.js';
import { refusalIn } from './refusal.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Under `/api/v1`. */
  readonly path: string;
  readonly body?: object | undefined;
  readonly idempotencyKey?: string | undefined;
  /** What the body of a successful answer has. */
  readonly answers?: string | undefined;
  /** Whether it does no more when it is sent twice. */
  readonly isRepeatable: boolean;
}

/** What came back: JSON, or nothing at all with 204. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface HttpResult {
  /** `undefined`: none came that is of this API. */
  readonly answer: HttpAnswer | undefined;
  /** Requests went out before whose answers were lost. */
  readonly wasLost: boolean;
}

export const apiUrl = ({ url }: Context, path: string): string => `${url}/api/v1${path}`;

/** The headers of every request. */
export async function headersOf({ token }: Context): Promise<Record<string, string>> {
  const value = await token();
  return value === undefined ? {} : { authorization: `Bearer ${value}` };
}

/** Whatever is not JSON, or not whole, is the answer of somebody else. */
export async function answerOf(response: Response): Promise<HttpAnswer> {
  if (response.status === 204) return { status: 204, body: {} };
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Whether it is of this API: a Problem, or what the request is to be answered with. */
function isExpected({ status, body }: HttpAnswer, { answers }: HttpRequest): boolean {
  if (status < 200 || status > 299) return refusalIn(body, 'no') !== undefined;
  return isObject(body) && (answers === undefined || answers in body);
}

async function send(context: Context, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const headers = await headersOf(context);
  if (request.body) headers['content-type'] = 'application/json';
  if (request.idempotencyKey !== undefined) headers['idempotency-key'] = request.idempotencyKey;
  signal.throwIfAborted();
  const response = await context.fetch(apiUrl(context, request.path), {
    method: request.method,
    headers,
    // A token goes nowhere else.
    redirect: 'error',
    signal,
    ...(request.body && { body: JSON.stringify(request.body) }),
  });
  return answerOf(response);
}

/** One attempt. It ends with the time that it may take, and with the signal, whatever `fetch` and `token` do. */
async function attempt(context: Context, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | undefined> {
  const gone = linkedSignal([signal]);
  const inTime = context.clock.after(context.timeoutMs, () => gone.abort());
  try {
    const answer = await abortable(send(context, request, gone.signal), gone.signal);
    return isExpected(answer, request) ? answer : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    inTime();
    gone.release();
    gone.abort();
  }
}

/** Sends a request; one that may be repeated is sent a few times before it is given up. Rejects only when aborted. */
export async function ask(context: Context, request: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
  signal.throwIfAborted();
  for (let failures = 0; ;) {
    const answer = await attempt(context, request, signal);
    if (answer) return { answer, wasLost: failures > 0 };
    failures += 1;
    if (!request.isRepeatable || failures === attempts) return { answer: undefined, wasLost: true };
    await wait(backOffMs(failures - 1, context), context.clock, signal);
  }
}
