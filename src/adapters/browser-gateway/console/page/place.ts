import type { RuntimeId, WorkerId } from '../../../../domain/ids.js';
import type { WorkerRef } from '../../../../ports/browser-gateway.js';

/** What of the console is shown. It stands in the fragment of the address, which no host is ever sent. */
export type Place = { readonly at: 'start' } | { readonly at: 'new' } | ({ readonly at: 'worker' } & WorkerRef);

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** A fragment that says nothing, or nothing that is known, is the start. */
export function placeOf(fragment: string): Place {
  if (fragment === '#/new') return { at: 'new' };
  const [, runtime, worker] = /^#\/workers\/([^/]+)\/([^/]+)$/.exec(fragment) ?? [];
  const runtimeId = decoded(runtime ?? '');
  const workerId = decoded(worker ?? '');
  if (!runtimeId || !workerId) return { at: 'start' };
  // Whether there is such a one, and such an id at all, the host says.
  return { at: 'worker', runtimeId: runtimeId as RuntimeId, workerId: workerId as WorkerId };
}

export function fragmentOf(place: Place): string {
  if (place.at === 'start') return '#/';
  if (place.at === 'new') return '#/new';
  return `#/workers/${encodeURIComponent(place.runtimeId)}/${encodeURIComponent(place.workerId)}`;
}

/** The one-time code of a link that a host showed, without what a sentence around the link may have put behind it. */
export const codeIn = (fragment: string): string | undefined => /^#code=([A-Za-z0-9_-]*)/.exec(fragment)?.[1];
