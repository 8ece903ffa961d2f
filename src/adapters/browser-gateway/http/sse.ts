import { observationJson } from '../../../domain/observation/encoded.js';
import type { Frame } from '../../../ports/browser-gateway.js';
import type { StreamEndCode } from '../../../domain/codes.js';
import { sharedPieces } from '../edge/shared-pieces.js';

/** The form of server-sent events: what a frame looks like as bytes. */
export type StreamFrame = Exclude<Frame, { type: 'problem' }>;

const encoder = new TextEncoder();

/** Readers come back a second after they lost the stream. */
export const streamStart = encoder.encode('retry: 1000\n\n');
export const heartbeat = encoder.encode(':\n\n');

const event = (name: string, data: object, id?: string): Uint8Array<ArrayBuffer> =>
  encoder.encode(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

export const endBytes = (code: StreamEndCode): Uint8Array<ArrayBuffer> => event('end', { code });

const observationPieces = sharedPieces({
  textOf: (observation) => `id: ${observation.cursor}\nevent: observation\ndata: ${observationJson(observation)}\n\n`,
  between: '',
  end: '',
});

/** A frame, piece by piece. JSON holds no line break, so `data` is one line. */
export function frameBytes(frame: StreamFrame): Iterable<Uint8Array<ArrayBuffer>> {
  switch (frame.type) {
    case 'events':
      return observationPieces(frame.observations);
    case 'snapshot': {
      const { worker, transcript, cursor } = frame;
      return [event('snapshot', { worker, transcript, cursor }, cursor)];
    }
    case 'gap':
      return [event('gap', { from: frame.from, to: frame.to })];
    case 'end':
      return [endBytes(frame.code)];
  }
}
