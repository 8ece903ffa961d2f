import type { StreamEndCode } from '../../../domain/codes.js';
import { observationJson } from '../../../domain/observation/encoded.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import type { Frame } from '../../../ports/browser-gateway.js';
import { problemOf } from '../edge/problem.js';
import { sharedPieces } from '../edge/shared-pieces.js';

/** A message as text: a head of its own, and a body that other sockets may send as well. */
export interface Message {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

export const lengthOf = ({ head, body }: Message): number => head.byteLength + body.byteLength;

const encoder = new TextEncoder();
const nothing = new Uint8Array();
const whole = (message: object): Message => ({ head: encoder.encode(JSON.stringify(message)), body: nothing });

export const subscribed = (id: string): Message => whole({ type: 'subscribed', id });

export const end = (id: string, code: StreamEndCode): Message => whole({ type: 'end', id, code });

export const pong: Message = whole({ type: 'pong' });

/** What is told of a refusal or a defect, field by field (B1, B2). */
export function problem(refusal: Rejected | Errored, id?: string): Message {
  const { code, correlationId, outcome, executed, limit } = problemOf(refusal);
  return whole({ type: 'problem', id, code, correlationId, outcome, executed, limit });
}

const eventBodies = sharedPieces({ textOf: observationJson, between: ',', end: ']}' });

/** Tells the frames of a subscription: what comes before the events is made once. */
export class FrameTeller {
  readonly #id: string;
  #eventsHead: Uint8Array | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** The messages that tell a frame. */
  messages(frame: Exclude<Frame, { type: 'problem' | 'end' }>): readonly Message[] {
    const id = this.#id;
    switch (frame.type) {
      case 'events': {
        const head = (this.#eventsHead ??= encoder.encode(
          `{"type":"events","id":${JSON.stringify(id)},"observations":[`,
        ));
        return Array.from(eventBodies(frame.observations), (body) => ({ head, body }));
      }
      case 'snapshot': {
        const { worker, transcript, cursor } = frame;
        const head = encoder.encode(`{"type":"snapshot","id":${JSON.stringify(id)},`);
        return [{ head, body: encoder.encode(JSON.stringify({ worker, transcript, cursor }).slice(1)) }];
      }
      case 'gap':
        return [whole({ type: 'gap', id, from: frame.from, to: frame.to })];
    }
  }
}
