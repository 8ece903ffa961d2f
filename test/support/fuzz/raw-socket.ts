import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A deadline far past every limit that is set in a test: who gets there hangs. */
const hangMs = 20_000;

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/**
 * Sends pieces one by one and reads until the other side closes. `halfClose`: says at the end that nothing follows.
 * Rejects where the other side neither closes nor goes on in time.
 */
export async function exchangeRaw(
  port: number,
  pieces: readonly (string | Uint8Array)[],
  { halfClose }: { readonly halfClose: boolean },
): Promise<string> {
  const socket = await opened(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the other side hangs')), hangMs);
    socket.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (halfClose) socket.end();
  try {
    await closed;
  } finally {
    socket.destroy();
  }
  return Buffer.concat(chunks).toString('latin1');
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The answers in what a server sent, one after the other; each tells its length, or is cut. */
export function rawAnswers(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const [start = '', ...fields] = rest.slice(0, Math.max(0, end)).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
    if (end < 0 || !status) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = new Map(
      fields.map((field): [string, string] => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
      }),
    );
    const bodyAt = end + 4;
    const length = Number(headers.get('content-length') ?? 0);
    answers.push({ status, headers, body: rest.slice(bodyAt, bodyAt + length) });
    rest = rest.slice(bodyAt + length);
  }
  return answers;
}
