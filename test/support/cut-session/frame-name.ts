import type { ProxyFrame } from '../socket-proxy/index.js';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
}

/** Its method, or what it answers. */
export function frameName(frame: ProxyFrame, frames: readonly ProxyFrame[]): string {
  const { id, method } = JSON.parse(frame.text) as Message;
  if (method !== undefined) return method;
  const asked = frames.find((other) => {
    if (other.direction === frame.direction || other.connection !== frame.connection) return false;
    const request = JSON.parse(other.text) as Message;
    return request.method !== undefined && request.id === id;
  });
  return `answer to ${asked ? frameName(asked, frames) : 'nothing'}`;
}
