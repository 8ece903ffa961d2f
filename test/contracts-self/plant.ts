import type { ExecutionBackendHarness } from '../../src/contracts/execution-backend/harness.js';
import { inMemoryBackend } from '../../src/adapters/execution-backend/in-memory/in-memory-backend.js';
import type { BackendEvent } from '../../src/domain/observation/event.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../src/ports/observation-publisher.js';
import { crashable, type CrashableBackend } from '../support/contracts/crashable-backend.js';
import { recoverableHarness, scriptedBackend, timedHarness } from '../support/contracts/generator-harness.js';
import { republished } from '../support/contracts/republished.js';
import type { ScriptedOptions } from '../support/contracts/scripted-backend.mjs';

export type Publish = ObservationPublisher['publish'];
export type Plant = (sound: CrashableBackend, options: ScriptedOptions) => Partial<CrashableBackend>;

export interface PlantedFault {
  /** What the backend does wrong. */
  readonly fault: string;
  /** Exactly the cases that find it. */
  readonly found: readonly string[];
  /** What its harness says otherwise than that of the sound backend. */
  readonly harness?: Partial<ExecutionBackendHarness>;
  /** Behind a wire that can be cut, on the host's side of it. */
  readonly linked?: true;
  readonly plant: Plant;
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const never = (): Promise<never> => new Promise<never>(() => undefined);
export const isEnd = (event: BackendEvent): boolean => event.type === 'run-ended';

/** Every publisher, tampered with once: a backend tells them apart by identity. */
export function tampering(
  tamper: (publisher: ObservationPublisher) => Parameters<typeof republished>[1],
): (publisher: ObservationPublisher) => ObservationPublisher {
  const known = new WeakMap<ObservationPublisher, ObservationPublisher>();
  return (publisher) => {
    const tampered = known.get(publisher) ?? republished(publisher, tamper(publisher));
    known.set(publisher, tampered);
    return tampered;
  };
}

/** A backend whose events go through `tamper`; that is called once for each generation. */
export const publishing = (tamper: (publish: Publish, publisher: ObservationPublisher) => Publish): Plant =>
  through(
    tampering((publisher) => ({
      publish: tamper((event) => publisher.publish(event), publisher),
    })),
  );

export const through =
  (tampered: (publisher: ObservationPublisher) => ObservationPublisher): Plant =>
  (sound) => ({
    spawn: (request, publisher, call) => sound.spawn(request, tampered(publisher), call),
    recover: (request, publisher, call) => sound.recover(request, tampered(publisher), call),
  });

/** A backend that is sound but for what `plant` says. */
export function plantedHarness({ plant, linked, harness }: Omit<PlantedFault, 'fault' | 'found'>) {
  const made = new WeakMap<
    ExecutionBackend,
    { readonly crash?: CrashableBackend['crash']; readonly cut?: () => Promise<void> }
  >();
  const create = (options: Required<Pick<ScriptedOptions, 'clock' | 'open'>>): ExecutionBackend => {
    const scripted = scriptedBackend({ ...options, recover: true });
    if (!linked) {
      const sound = crashable(scripted);
      const planted = { ...sound, ...plant(sound, options) };
      made.set(planted, { crash: planted.crash });
      return planted;
    }
    const wired = inMemoryBackend(scripted, { clock: options.clock });
    const cut = async (): Promise<void> => {
      wired.cut();
      await wired.join();
    };
    const sound: CrashableBackend = {
      specification: wired.specification,
      id: wired.id,
      spawn: (...call) => wired.spawn(...call),
      recover: (...call) => wired.recover(...call),
      dispatch: (...call) => wired.dispatch(...call),
      answer: (...call) => wired.answer(...call),
      cancel: (...call) => wired.cancel(...call),
      stop: (...call) => wired.stop(...call),
      crash: cut,
      [Symbol.asyncDispose]: () => wired[Symbol.asyncDispose](),
    };
    const planted = { ...sound, ...plant(sound, options) };
    made.set(planted, { cut: () => planted.crash({} as Parameters<CrashableBackend['crash']>[0]) });
    return planted;
  };
  const provoked: Partial<ExecutionBackendHarness> = linked
    ? { cut: async (backend) => made.get(backend)?.cut?.() }
    : { crash: async (backend, handle) => made.get(backend)?.crash?.(handle) };
  return { ...recoverableHarness, ...timedHarness(create), ...provoked, timing: 0.1, ...harness };
}
