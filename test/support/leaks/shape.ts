import { isDeepStrictEqual } from 'node:util';

import * as z from 'zod';

import { titleOf } from '../../../src/protocol/titles.js';
import { socketCloseCodes, socketMessageSchema } from '../../../src/protocol/browser-socket.js';
import { problemSchema, responseSchemas, runtimeIdSchema, streamSchemas } from '../../../src/protocol/browser.js';
import { document } from '../openapi/document.js';
import type { Recording, Reply, SocketRecord } from './recording.js';

type Schemas = Readonly<Record<string, z.ZodType>>;

/** A JSON value that left, with the schema that it has to keep. */
interface Shown {
  readonly asked: string;
  readonly schema: z.ZodType | undefined;
  readonly value: unknown;
}

/** The title tells nothing that the code does not. */
const fixedProblemSchema = problemSchema.refine(({ title, code }) => title === titleOf[code], 'a title of its own');
const openApiSchema = z.custom((value) => isDeepStrictEqual(value, document), 'another document than the one in docs');
const readySchema = z.strictObject({
  event: z.literal('ready'),
  url: z.string().regex(/^http:\/\/127[.]0[.]0[.]1:\d+$/),
  runtimeId: runtimeIdSchema,
  pid: z.int(),
});

function ofStream({ asked, body }: Reply): readonly Shown[] {
  return body.split('\n\n').flatMap((block): Shown[] => {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (event === undefined || data === undefined) return [];
    return [{ asked, schema: (streamSchemas as Schemas)[event], value: JSON.parse(data) }];
  });
}

function ofReply(reply: Reply): readonly Shown[] {
  const { asked, status, kind, body } = reply;
  if (body === '') return [];
  const isProblem = status >= 400 && !(kind === 'ready' && status === 503);
  if (kind === 'page' && !isProblem) return [];
  if (kind === 'stream' && !isProblem) return ofStream(reply);
  const schemas: Schemas = { ...responseSchemas, openapi: openApiSchema };
  return [{ asked, schema: isProblem ? fixedProblemSchema : schemas[kind], value: JSON.parse(body) }];
}

const ofSocket = ({ asked, messages }: SocketRecord): readonly Shown[] =>
  messages.map((message) => ({ asked, schema: socketMessageSchema, value: JSON.parse(message) }));

/** Programs are told one line on stdout. */
const ofReady = (ready: string): readonly Shown[] =>
  ready
    .trimEnd()
    .split('\n')
    .map((line, at) => ({
      asked: 'serve --json',
      schema: at === 0 ? readySchema : undefined,
      value: JSON.parse(line),
    }));

const shownIn = ({ replies = [], sockets = [], ready }: Recording): readonly Shown[] => [
  ...replies.flatMap(ofReply),
  ...sockets.flatMap(ofSocket),
  ...(ready === undefined ? [] : ofReady(ready)),
];

/** All that the HTTP of Node and ours writes beside a body. */
const headerNames = [
  ['allow', 'cache-control', 'connection', 'content-length', 'content-security-policy', 'content-type'],
  [
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'date',
    'etag',
    'keep-alive',
    'location',
    'referrer-policy',
    'retry-after',
  ],
  [
    'sec-websocket-version',
    'transfer-encoding',
    'vary',
    'www-authenticate',
    'x-accel-buffering',
    'x-content-type-options',
  ],
  ['access-control-allow-origin', 'access-control-expose-headers'],
].flat();

function headersOutside({ asked, head }: Reply): readonly string[] {
  const names = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
  return names.filter((name) => !headerNames.includes(name)).map((name) => `${asked}: header ${name}`);
}

/** The codes of RFC 6455 that a library closes with by itself, without a word. */
const silentCodes = [1000, 1005, 1006, 1007, 1009];

function closeOutside({ asked, close }: SocketRecord): readonly string[] {
  if (!close) return [];
  const { code, reason } = close;
  if (reason === '' && silentCodes.includes(code)) return [];
  const isKnown = Object.entries(socketCloseCodes).some(([name, known]) => name === reason && known === code);
  return isKnown ? [] : [`${asked}: close ${code} ${reason}`];
}

/**
 * What of a recording is not in the schema of the browser API: a key too many, a value of another form, a title that is not
 * the one of its code, a header or the close of a socket that nobody knows.
 */
export function outsideOfSchema(recording: Recording): readonly string[] {
  const values = shownIn(recording).flatMap(({ asked, schema, value }) => {
    const parsed = schema?.safeParse(value);
    if (parsed?.success && isDeepStrictEqual(parsed.data, value)) return [];
    const why = parsed?.success === false ? parsed.error.message : 'not in the schema';
    return [`${asked}: ${why}: ${JSON.stringify(value).slice(0, 500)}`];
  });
  const { replies = [], sockets = [] } = recording;
  return [...values, ...replies.flatMap(headersOutside), ...sockets.flatMap(closeOutside)];
}

function keysIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...keysIn(member)]);
}

/** Every key that left, however deep. */
export const keysOf = (recording: Recording): readonly string[] =>
  shownIn(recording).flatMap(({ value }) => keysIn(value));
