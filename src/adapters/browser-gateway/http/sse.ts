import { observationJson } from '../../../domain/observation/encoded.js';
import type { Frame } from '../../../ports/browser-gateway.js';
import type { StreamEndCode } from '../../../domain/codes.js';

/** The form of server-sent events: what a frame looks like as text. */
export type StreamFrame = Exclude<Frame, { type: 'problem' }>;

/** Readers come back a second after they lost the stream. */
export const streamStart = 'retry: 1000\n\n';
export const heartbeat = ':\n\n';

const event = (name: string, data: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export const endText = (code: StreamEndCode): string => event('end', { code });

/** A frame, event by event. JSON holds no line break, so `data` is one line. */
export function* frameTexts(frame: StreamFrame): Generator<string, void, undefined> {
  switch (frame.type) {
    case 'events':
      for (const observation of frame.observations)
        yield `id: ${observation.cursor}\nevent: observation\ndata: ${observationJson(observation)}\n\n`;
      return;
    case 'snapshot': {
      const { worker, transcript, cursor } = frame;
      return yield event('snapshot', { worker, transcript, cursor }, cursor);
    }
    case 'gap':
      return yield event('gap', { from: frame.from, to: frame.to });
    case 'end':
      return yield endText(frame.code);
  }
}
