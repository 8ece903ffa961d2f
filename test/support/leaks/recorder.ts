import { connect } from 'node:net';

import type { Reply } from './recording.js';

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly kind: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON; a text goes as it is. */
  readonly body?: unknown;
  /** Cuts an answer that does not end by itself once it holds this. */
  readonly until?: string;
}

/** Takes the chunks out of a body that came in pieces. */
function unchunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let position = 0; position < body.length;) {
    const end = body.indexOf('\r\n', position);
    const size = end < 0 ? 0 : parseInt(body.subarray(position, end).toString('latin1'), 16);
    if (!(size > 0)) break;
    pieces.push(body.subarray(end + 2, end + 2 + size));
    position = end + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}

function replyOf({ method = 'GET', path, kind }: Asked, bytes: Buffer): Reply {
  const split = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, Math.max(0, split)).toString('latin1');
  const rest = bytes.subarray(split + 4);
  const body = /^transfer-encoding: chunked/im.test(head) ? unchunked(rest) : rest;
  const status = Number(head.split(' ')[1]);
  return { asked: `${method} ${path}`, kind, status, head, body: body.toString('utf8'), bytes };
}

/** Asks over a socket of its own, so that nothing of the answer is lost to a library, and keeps every answer. */
export function recorder(url: string, token: string) {
  const { hostname, port } = new URL(url);
  const replies: Reply[] = [];

  function send(bytes: string, asked: Asked): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        answer = Buffer.concat([answer, chunk]);
        if (asked.until !== undefined && answer.includes(asked.until)) socket.destroy();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        const reply = replyOf(asked, answer);
        replies.push(reply);
        resolve(reply);
      });
      socket.write(bytes);
    });
  }

  return {
    replies,
    /** What is no request at all. */
    raw: (bytes: string) => send(bytes, { path: '(raw)', kind: 'problem' }),
    ask(asked: Asked): Promise<Reply> {
      const { method = 'GET', path, headers, body } = asked;
      const content = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const lines = Object.entries({
        host: `${hostname}:${port}`,
        connection: 'close',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        'content-length': String(Buffer.byteLength(content)),
        ...headers,
      }).map(([name, value]) => `${name}: ${value}\r\n`);
      return send(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${content}`, asked);
    },
  };
}
