import { once } from 'node:events';
import net from 'node:net';

import { perSecond } from './statistics.mjs';

/**
 * Posts over sockets that are kept, one request after the other on each, as plainly as it can be done: the load is to
 * cost less than what it loads. `paths` names one path for each socket; each posts `count` times. Rejects at an answer
 * that is no 202. Answers the requests per second.
 */
export async function posted({ port, paths, headers = {}, body, count }) {
  const sockets = await Promise.all(paths.map(() => connected(port)));
  try {
    const began = process.hrtime.bigint();
    const requests = paths.map((path) => requestOf(port, path, headers, JSON.stringify(body)));
    await Promise.all(sockets.map((socket, index) => posting(socket, requests[index], count)));
    return perSecond(paths.length * count, began);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function connected(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

function requestOf(port, path, headers, body) {
  const fields = {
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function posting(socket, request, count) {
  return new Promise((resolve, reject) => {
    let left = count;
    let answer = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a socket')));
    socket.on('data', (chunk) => {
      answer += chunk;
      const length = lengthOf(answer);
      if (length === undefined || answer.length < length) return;
      if (!answer.startsWith('HTTP/1.1 202 ') || answer.length > length) return reject(new Error(`no 202: ${answer}`));
      answer = '';
      left -= 1;
      if (left === 0) resolve();
      else socket.write(request);
    });
    socket.write(request);
  });
}

const declared = /\r\ncontent-length: (\d+)\r\n/i;

/** How long an answer is; `undefined` before its head is whole. */
function lengthOf(answer) {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [, length] = declared.exec(answer) ?? [];
  if (length === undefined) throw new Error(`an answer without a length: ${answer}`);
  return head + 4 + Number(length);
}
