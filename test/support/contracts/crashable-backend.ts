import type { ExecutionBackend, ExecutionHandle } from '../../../src/ports/execution-backend.js';
import type { ObservationPublisher } from '../../../src/ports/observation-publisher.js';
import { republished } from './republished.js';

export interface CrashableBackend extends ExecutionBackend {
  /** Ends an execution the way a crash does: its calls are settled, its host is told, and it says nothing more. */
  crash(handle: Pick<ExecutionHandle, 'workerId' | 'generation'>): Promise<void>;
}

interface Life {
  readonly publisher: ObservationPublisher;
  readonly over: AbortController;
}

const gone = { outcome: 'errored', code: 'backend-disconnected' } as const;

const orGone = <T>(answer: Promise<T>, life: Life | undefined): Promise<T | typeof gone> => {
  const signal = life?.over.signal;
  if (!signal) return answer;
  if (signal.aborted) return Promise.resolve(gone);
  return new Promise((resolve, reject) => {
    const onGone = (): void => resolve(gone);
    signal.addEventListener('abort', onGone, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onGone));
  });
};

/** The same backend, whose executions can be made to crash. */
export function crashable(sound: ExecutionBackend): CrashableBackend {
  const lives = new Map<string, Life>();
  const nameOf = ({ workerId, generation }: Pick<ExecutionHandle, 'workerId' | 'generation'>): string =>
    `${workerId} ${generation}`;
  const lifeOf = (handle: Pick<ExecutionHandle, 'workerId' | 'generation'>) => lives.get(nameOf(handle));
  const born = (publisher: ObservationPublisher): Life => {
    const known = lifeOf(publisher);
    if (known) return known;
    const over = new AbortController();
    const publish: ObservationPublisher['publish'] = (event) =>
      over.signal.aborted
        ? Promise.resolve({ outcome: 'refused', code: 'stale-generation' })
        : publisher.publish(event);
    const life = { over, publisher: republished(publisher, { publish }) };
    lives.set(nameOf(publisher), life);
    return life;
  };
  return {
    ...sound,
    spawn: (request, publisher, call) => {
      const life = born(publisher);
      return orGone(sound.spawn(request, life.publisher, call), life);
    },
    recover: (request, publisher, call) => {
      const life = born(publisher);
      return orGone(sound.recover(request, life.publisher, call), life);
    },
    dispatch: (handle, input, call) => orGone(sound.dispatch(handle, input, call), lifeOf(handle)),
    answer: (handle, answer, call) => orGone(sound.answer(handle, answer, call), lifeOf(handle)),
    cancel: (handle, request, call) => orGone(sound.cancel(handle, request, call), lifeOf(handle)),
    stop: (handle, request, call) => orGone(sound.stop(handle, request, call), lifeOf(handle)),
    async crash(handle) {
      const life = lifeOf(handle);
      if (!life) return;
      life.over.abort();
      await life.publisher.disconnect({ kind: 'signal', value: 'SIGKILL' });
    },
  };
}
