import type { Json } from '../../../domain/ids.js';
import type { NatsMessage } from '../../nats/index.js';

export type LinkAnswer =
  | { readonly type: 'answered'; readonly answer: Json }
  /** It serves no more, and has done nothing. */
  | { readonly type: 'absent' }
  /** As `too-large`: it may have been done. */
  | { readonly type: 'failed' }
  | { readonly type: 'too-large'; readonly bytes: number };

export const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Throws where it is no JSON. */
export const jsonIn = ({ data }: NatsMessage): Json => JSON.parse(new TextDecoder().decode(data)) as Json;

/** Throws where it is no answer. */
export function answerIn(message: NatsMessage): LinkAnswer {
  const found = jsonIn(message);
  const { type, answer, bytes } = (typeof found === 'object' && !Array.isArray(found) ? (found ?? {}) : {}) as {
    readonly [key: string]: Json;
  };
  if (type === 'answered' && answer !== undefined) return { type, answer };
  if (type === 'failed' || type === 'absent') return { type };
  if (type === 'too-large') return { type, bytes: Number(bytes) };
  throw new Error('the other host answers in another form');
}
