import { eventErrors } from './openapi/document.js';

export interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
  readonly retry?: string;
  readonly comment?: true;
}

function parse(block: string): ServerSentEvent {
  const fields = block.split('\n').map((line): [string, string | true] => {
    if (line.startsWith(':')) return ['comment', true];
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  return Object.fromEntries(fields);
}

/** Every event is one that the document names. */
function checkEvent({ event, data }: ServerSentEvent): void {
  if (data === undefined) return;
  const errors = eventErrors(event ?? 'message', JSON.parse(data));
  if (errors.length > 0) throw new Error(`not as the OpenAPI document says: ${event} ${data}\n${errors.join('\n')}`);
}

/** Reads server-sent events one by one; `undefined` at the end of the stream. */
export function sseReader(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  async function next(): Promise<ServerSentEvent | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const event = parse(block);
        checkEvent(event);
        return event;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  }
  return {
    next,
    async all(): Promise<ServerSentEvent[]> {
      const events: ServerSentEvent[] = [];
      for (let event = await next(); event; event = await next()) events.push(event);
      return events;
    },
    /** Events with data, up to `count`. */
    async take(count: number): Promise<ServerSentEvent[]> {
      const events: ServerSentEvent[] = [];
      while (events.length < count) {
        const event = await next();
        if (!event) break;
        if (event.data !== undefined) events.push(event);
      }
      return events;
    },
    cancel: () => reader.cancel(),
  };
}
