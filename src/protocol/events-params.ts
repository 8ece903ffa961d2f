import { isUuid } from '../domain/ids.js';

import type { EventsParams } from './ebp.js';
import { isCount, isObject, maxEventsPerLine } from './ebp.js';

/**
 * The params of `worker/events` where they are what `eventsParams` reads, else `undefined`. As they came: what is not
 * known stays in them, and nothing is copied, for most of what comes over the wire are events.
 */
export function readEventsParams(value: unknown): EventsParams | undefined {
  if (!isObject(value)) return undefined;
  const { workerId, generation, sequence, events } = value;
  if (typeof workerId !== 'string' || !isUuid(workerId)) return undefined;
  if (!isCount(generation) || !isCount(sequence)) return undefined;
  return areEvents(events) ? (value as unknown as EventsParams) : undefined;
}

function areEvents(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > maxEventsPerLine) return false;
  let known: unknown;
  for (const entry of value as readonly unknown[]) {
    if (!isObject(entry)) return false;
    const { inputId, event } = entry;
    if (inputId !== undefined && inputId !== known) {
      if (typeof inputId !== 'string' || !isUuid(inputId)) return false;
      known = inputId;
    }
    if (!isObject(event) || typeof event['type'] !== 'string') return false;
  }
  return true;
}
