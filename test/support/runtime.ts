import { InputId, RuntimeId } from '../../src/domain/ids.js';
import type { WorkerId } from '../../src/domain/ids.js';
import type { Observation, Part } from '../../src/domain/observation/event.js';
import type { BrowserGateway, Frame, WorkerRef } from '../../src/ports/browser-gateway.js';

export const runtimeId = RuntimeId('local');
export const textPart = (text: string): readonly Part[] => [{ type: 'text', text }];
export const ref = (workerId: WorkerId): WorkerRef => ({ runtimeId, workerId });

let inputs = 0;
/** An input id of its own. */
export const inputId = (): InputId => InputId(`00000000-0000-4000-8000-${(++inputs).toString(16).padStart(12, '0')}`);

export function expectAccepted<T extends { readonly outcome: string }>(
  outcome: T,
): Extract<T, { outcome: 'accepted' }> {
  if (outcome.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome as Extract<T, { outcome: 'accepted' }>;
}

/** Creates a Worker and answers how to name it. */
export async function createWorker(gateway: BrowserGateway, profile = 'test', text?: string): Promise<WorkerRef> {
  const input = text === undefined ? {} : { input: { parts: textPart(text) } };
  const created = await gateway.execute({ type: 'create', runtimeId, profile, ...input });
  return ref(expectAccepted(created).worker.workerId);
}

/** Every observation from the start until one of them is `last`. */
export async function observeUntil(
  gateway: BrowserGateway,
  worker: WorkerRef,
  last: (observation: Observation) => boolean,
  from = 'start',
): Promise<readonly Observation[]> {
  const seen: Observation[] = [];
  for await (const frame of gateway.observe(worker, from)) {
    if (frame.type === 'problem' || frame.type === 'end') throw new Error(`stream ended: ${JSON.stringify(frame)}`);
    if (frame.type !== 'events') continue;
    for (const observation of frame.observations) {
      seen.push(observation);
      if (last(observation)) return seen;
    }
  }
  throw new Error('stream ended');
}

export const isType =
  (...types: readonly Observation['event']['type'][]) =>
  ({ event }: Observation): boolean =>
    types.includes(event.type);

export const typesOf = (observations: readonly Observation[]): readonly string[] =>
  observations.map(({ event }) => event.type);

/** The frames of a stream, one at a time. */
export const framesOf = (gateway: BrowserGateway, worker: WorkerRef, from?: string): AsyncIterator<Frame> =>
  gateway.observe(worker, from)[Symbol.asyncIterator]();
