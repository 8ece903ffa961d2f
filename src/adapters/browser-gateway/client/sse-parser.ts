/** One server-sent event. A comment is one without a name. */
export interface ServerSentEvent {
  readonly name?: string | undefined;
  readonly data: string;
}

function eventIn(lines: readonly string[]): ServerSentEvent | undefined {
  let name: string | undefined;
  let data: string | undefined;
  for (const line of lines) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') name = value;
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
  }
  return data === undefined ? undefined : { name, data };
}

/** What one event may hold, in characters: room for a snapshot of fifty entries of a megabyte. */
const maxEventChars = 67_108_864;

/**
 * Takes the texts of a stream as they come and gives the events that are whole: what was cut off within one is none.
 * Throws where an event does not end.
 */
export class EventSourceReader {
  #lines: string[] = [];
  /** The beginning of a line, in the pieces in which it came. */
  #pieces: string[] = [];
  /** What came since the last event ended. */
  #chars = 0;

  take(text: string): readonly ServerSentEvent[] {
    this.#chars += text.length;
    const events: ServerSentEvent[] = [];
    const [first = '', ...others] = text.split('\n');
    this.#pieces.push(first);
    for (const other of others) {
      const event = this.#line(this.#pieces.join('').replace(/\r$/, ''));
      if (event) events.push(event);
      this.#pieces = [other];
    }
    if (this.#chars > maxEventChars) throw new RangeError('an event that does not end');
    return events;
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line !== '') {
      this.#lines.push(line);
      return undefined;
    }
    const event = eventIn(this.#lines);
    this.#lines = [];
    this.#chars = 0;
    return event;
  }
}
