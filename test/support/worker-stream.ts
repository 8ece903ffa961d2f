import type { HostProcess } from './host-process.js';
import { sseReader } from './sse-reader.js';

/** What the tests look at of an observation. */
export interface Seen {
  readonly cursor: string;
  readonly sequence: number;
  readonly inputId?: string;
  readonly event: { readonly type: string; readonly text?: string; readonly end?: string };
}

/** Reads a Worker's stream from after `from` until one is as asked for, or so many have come; then cuts it. */
export async function streamUntil(
  host: HostProcess,
  worker: string,
  from: { readonly after?: string; readonly lastEventId?: string },
  isLast: (seen: Seen, count: number) => boolean,
): Promise<readonly Seen[]> {
  const cut = new AbortController();
  const query = from.after === undefined ? '' : `?after=${from.after}`;
  const response = await host.ask(`${worker}/observations/stream${query}`, {
    signal: cut.signal,
    headers: from.lastEventId === undefined ? {} : { 'last-event-id': from.lastEventId },
  });
  if (!response.body) throw new Error(`no stream: ${response.status}`);
  const reader = sseReader(response.body as ReadableStream<Uint8Array>);
  const seen: Seen[] = [];
  try {
    for (let event = await reader.next(); event; event = await reader.next()) {
      if (event.event !== 'observation' || event.data === undefined) continue;
      const observation = JSON.parse(event.data) as Seen;
      if (event.id !== observation.cursor) throw new Error('the id of an event is not its cursor');
      seen.push(observation);
      if (isLast(observation, seen.length)) return seen;
    }
    throw new Error(`the stream ended: ${JSON.stringify(seen.at(-1))}`);
  } finally {
    cut.abort();
  }
}

export const isEndOf =
  (inputId: string | undefined) =>
  ({ event, inputId: of }: Seen): boolean =>
    event.type === 'input-ended' && of === inputId;

/** Sends an input, waits for its end, and answers its transcript as `role: text` lines. */
export async function say(host: HostProcess, worker: string, text: string): Promise<readonly string[]> {
  const { status, body } = await host.post(`${worker}/inputs`, { text });
  if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`);
  await streamUntil(host, worker, { after: 'start' }, isEndOf(body.inputId));
  return said(host, worker, body.inputId);
}

/** What an input brought into the transcript, its own text aside. */
export async function said(host: HostProcess, worker: string, inputId?: string): Promise<readonly string[]> {
  const { body } = await host.get(`${worker}/transcript`);
  return (body.entries ?? [])
    .filter((entry) => entry.role !== 'user' && (inputId === undefined || entry.inputId === inputId))
    .flatMap((entry) => entry.parts.map((part) => `${entry.role}: ${part.text ?? part.code ?? ''}`));
}
