import { defaultProfile, type ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import { newWorkerId } from '../../contracts/execution-backend/stage.js';
import { WireStage, WireWorker } from '../../contracts/execution-backend/wire-stage.js';
import { RecordingPublisher } from '../../contracts/recording-publisher.js';
import { within } from '../../contracts/within.js';
import { Generation, WorkerId } from '../../domain/ids.js';
import type { Capabilities, ExecutionBackend, SpawnOutcome } from '../../ports/execution-backend.js';
import { limited } from './limited.js';

const answerMs = 5_000;

/** How long a backend may take to make its first execution. */
export const probeMs = (startMs: number, timing: number): number => startMs + answerMs * timing;

async function spawned(harness: ExecutionBackendHarness, backend: ExecutionBackend, signal: AbortSignal) {
  const workerId = WorkerId(crypto.randomUUID());
  const generation = Generation(1);
  const { profile = defaultProfile } = harness;
  const publisher = new RecordingPublisher({ workerId, generation });
  const answer = Promise.resolve(backend.spawn({ workerId, generation, profile }, publisher, { signal }));
  return within(signal, 'the answer of spawn', answer);
}

/** Ends a backend. What goes wrong with that is for the cases to find. */
async function disposed(backend: AsyncDisposable): Promise<void> {
  using limit = limited(new AbortController().signal, answerMs);
  const work = (async () => backend[Symbol.asyncDispose]())();
  await within(limit.signal, 'the disposal of the backend', work).catch(() => undefined);
}

/** Makes a backend, spawns one execution and ends both: the answer says what executions declare. Rejects as they do. */
export async function probe(harness: ExecutionBackendHarness, signal: AbortSignal): Promise<SpawnOutcome> {
  const backend = await within(signal, 'a backend', harness.create({ signal }));
  try {
    return await spawned(harness, backend, signal);
  } finally {
    await disposed(backend);
  }
}

/** Two Workers on one connection: whether the second has a slot. What else is wrong there is for the cases to find. */
async function hasTwoSlots(stage: WireStage): Promise<boolean> {
  const first = await stage.worker();
  const second = new WireWorker(stage, first.peer, newWorkerId(), 1);
  return (await second.spawn()).outcome !== 'busy';
}

/** Whether one connection serves several Workers at a time. */
export async function probeManyWorkers(harness: ExecutionBackendHarness, signal: AbortSignal): Promise<boolean> {
  const backend = await harness.wire?.({ signal });
  if (!backend) return false;
  try {
    return await hasTwoSlots(new WireStage(backend, harness, { signal, note: () => undefined }));
  } catch {
    return true;
  } finally {
    await disposed(backend);
  }
}

/** What an execution declared, whatever else it put there: the cases judge the form. */
export function declaredBy(answer: Extract<SpawnOutcome, { readonly outcome: 'connected' }>): Capabilities {
  const said = (answer.capabilities as Partial<Record<keyof Capabilities, unknown>> | undefined) ?? {};
  return {
    cancel: said.cancel === true,
    stop: said.stop === true,
    recover: said.recover === true,
    questions: said.questions === true,
  };
}
