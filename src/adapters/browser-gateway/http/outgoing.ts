import type { ServerResponse } from 'node:http';
import type { ReadableStreamReadResult } from 'node:stream/web';

import type { Reply } from '../edge/reply.js';

/** Writes a stream as fast as the socket takes it. Its reader is let go of when the socket closes. */
function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): void {
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', leave);
  const read = (): void => {
    reader.read().then(write, () => outgoing.destroy());
  };
  const write = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
    if (done) outgoing.end();
    else if (outgoing.write(value)) read();
    else outgoing.once('drain', read);
  };
  read();
}

/** Tells a reply to the socket that it is for. */
export function writeReply({ status, headers, body }: Reply, outgoing: ServerResponse): void {
  if (outgoing.destroyed) {
    if (body !== null && typeof body !== 'string') void body.cancel();
    return;
  }
  if (body === null) outgoing.writeHead(status, headers).end();
  else if (typeof body === 'string') {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  } else {
    outgoing.writeHead(status, headers).flushHeaders();
    pump(body, outgoing);
  }
}
