import type { Generation } from '../../../src/domain/ids.js';
import type { ExecutionBackend, ExecutionHandle } from '../../../src/ports/execution-backend.js';
import { never, type Plant, type PlantedFault, tampering, through } from '../plant.js';

type Control = 'dispatch' | 'answer' | 'cancel' | 'stop';

/** Calls `method` under the highest generation that was spawned, whatever its handle says. */
const unfenced =
  (method: Control): Plant =>
  (sound) => {
    const latest = new Map<string, Generation>();
    const raise = ({ workerId, generation }: ExecutionHandle): void => {
      const known = latest.get(workerId) ?? generation;
      latest.set(workerId, known > generation ? known : generation);
    };
    const call = sound[method] as (handle: ExecutionHandle, ...rest: readonly unknown[]) => Promise<never>;
    return {
      spawn: (request, ...rest) => {
        raise(request);
        return sound.spawn(request, ...rest);
      },
      [method]: (handle: ExecutionHandle, ...rest: readonly unknown[]) =>
        call({ ...handle, generation: latest.get(handle.workerId) ?? handle.generation }, ...rest),
    };
  };

const isStale = (answer: { readonly outcome: string; readonly code?: string | undefined }): boolean =>
  answer.outcome === 'errored' && answer.code === 'stale-generation';

const capabilities = { cancel: true, stop: true, recover: true, questions: true };

/** Generations, stops and spawns that are not kept apart. */
export const generationFaults: readonly PlantedFault[] = [
  {
    fault: 'takes inputs of a lower generation',
    found: [
      'EB-SPAWN-004',
      'EB-DISPATCH-011',
      'EB-RECOVER-003',
      'EB-RECOVER-004',
      'EB-RECOVER-005',
      'EB-RECOVER-008',
      'EB-RECOVER-010',
      'EB-RECOVER-013',
      'EB-STALE-003',
      'EB-REPEATED-002',
      'EB-ATONCE-002',
      'EB-ABORTED-002',
      'EB-MIDWAY-002',
    ],
    plant: unfenced('dispatch'),
  },
  {
    fault: 'takes answers of a lower generation',
    found: ['EB-RECOVER-006', 'EB-STALE-004'],
    plant: unfenced('answer'),
  },
  {
    fault: 'takes cancels of a lower generation',
    found: ['EB-RECOVER-002', 'EB-STALE-005'],
    plant: unfenced('cancel'),
  },
  { fault: 'takes stops of a lower generation', found: ['EB-STOP-010', 'EB-STALE-006'], plant: unfenced('stop') },
  {
    fault: 'connects and adopts under a lower generation',
    found: ['EB-STOP-011', 'EB-STALE-001', 'EB-STALE-002'],
    plant: (sound) => ({
      spawn: async (...call) => {
        const answer = await sound.spawn(...call);
        return isStale(answer) ? { outcome: 'connected', capabilities } : answer;
      },
      recover: async (...call) => {
        const answer = await sound.recover(...call);
        return isStale(answer) ? { outcome: 'adopted', capabilities } : answer;
      },
    }),
  },
  {
    fault: 'refuses a spawn that is asked again',
    found: ['EB-SPAWN-003', 'EB-REPEATED-001', 'EB-ATONCE-001'],
    plant: (sound) => {
      const spawned = new Set<string>();
      return {
        spawn: async (request, ...rest) => {
          const name = `${request.workerId} ${request.generation}`;
          if (spawned.has(name)) return { outcome: 'rejected', code: 'worker-conflict' };
          spawned.add(name);
          return sound.spawn(request, ...rest);
        },
      };
    },
  },
  {
    fault: 'ends an execution whose spawn is asked again by a caller that leaves',
    found: ['EB-SPAWN-009', 'EB-ABORTED-001', 'EB-MIDWAY-001'],
    plant: (sound) => ({
      spawn: async (request, publisher, call) => {
        const answer = await sound.spawn(request, publisher, call);
        if (call.signal.aborted) await sound.stop(request, { graceMs: 0 }, call);
        return answer;
      },
    }),
  },
  {
    fault: 'refuses a stop of what it does not know',
    found: ['EB-STOP-001', 'EB-STOP-011'],
    plant: (sound) => {
      const known = new Set<string>();
      return {
        spawn: (request, ...rest) => {
          known.add(request.workerId);
          return sound.spawn(request, ...rest);
        },
        stop: async (handle, ...rest) =>
          known.has(handle.workerId) ? sound.stop(handle, ...rest) : { outcome: 'rejected', code: 'worker-unknown' },
      };
    },
  },
  {
    fault: 'refuses a stop that is repeated',
    found: ['EB-STOP-001', 'EB-STOP-002', 'EB-REPEATED-006', 'EB-ATONCE-006'],
    plant: (sound) => {
      const stopped = new Set<string>();
      return {
        stop: async (handle, ...rest) => {
          if (stopped.has(handle.workerId)) return { outcome: 'rejected', code: 'worker-stopped' };
          stopped.add(handle.workerId);
          return sound.stop(handle, ...rest);
        },
      };
    },
  },
  {
    fault: 'accepts a stop and goes on',
    found: [
      'EB-STOP-004',
      'EB-STOP-006',
      'EB-STOP-009',
      'EB-STOP-010',
      'EB-STOP-011',
      'EB-QUESTION-010',
      'EB-RECOVER-014',
      'EB-STALE-006',
    ],
    plant: (sound) => ({
      stop: (handle, request, call) =>
        sound.stop({ ...handle, workerId: crypto.randomUUID() as typeof handle.workerId }, request, call),
    }),
  },
  {
    fault: 'says something after it was stopped',
    found: ['EB-STOP-003'],
    plant: (sound) => {
      const tell = new Map<string, () => void>();
      const tampered = tampering((publisher) => {
        const say = (): void => void publisher.publish({ type: 'notice', level: 'info', text: 'bye' });
        tell.set(publisher.workerId, say);
        return {};
      });
      return {
        ...through(tampered)(sound, {}),
        stop: async (handle, request, call) => {
          const answer = await sound.stop(handle, request, call);
          setImmediate(() => tell.get(handle.workerId)?.());
          return answer;
        },
      };
    },
  },
  {
    fault: 'stops all Workers with one',
    found: ['EB-STOP-007', 'EB-STOP-010', 'EB-STALE-006'],
    plant: (sound) => {
      const spawned = new Map<string, ExecutionHandle>();
      return {
        spawn: (request, ...rest) => {
          spawned.set(request.workerId, request);
          return sound.spawn(request, ...rest);
        },
        stop: async (handle, request, call) => {
          const answer = await sound.stop(handle, request, call);
          for (const other of spawned.values()) await sound.stop(other, request, call);
          return answer;
        },
      };
    },
  },
  {
    fault: 'leaves the lower generation alone at a stop of a higher',
    found: ['EB-STOP-006'],
    plant: (sound) => {
      const spawned = new Map<string, Generation>();
      return {
        spawn: (request, ...rest) => {
          spawned.set(request.workerId, request.generation);
          return sound.spawn(request, ...rest);
        },
        stop: async (handle, request, call) => {
          const known = spawned.get(handle.workerId);
          if (known !== undefined && known < handle.generation) return { outcome: 'accepted', end: 'stopped' };
          return sound.stop(handle, request, call);
        },
      };
    },
  },
  {
    fault: 'connects again what was stopped',
    found: ['EB-STOP-009', 'EB-STOP-011', 'EB-DISPOSED-001'],
    plant: (sound) => ({
      spawn: async (...call) => {
        const answer = await sound.spawn(...call);
        return answer.outcome === 'rejected' ? { outcome: 'connected', capabilities } : answer;
      },
    }),
  },
  {
    fault: 'is known to every instance of it',
    found: ['EB-SPAWN-005'],
    plant: (sound) => {
      const shared = everywhere;
      return {
        spawn: (request, ...rest) => {
          shared.set(request.workerId, sound);
          return sound.spawn(request, ...rest);
        },
        dispatch: (handle, ...rest) => (shared.get(handle.workerId) ?? sound).dispatch(handle, ...rest),
      };
    },
  },
  {
    fault: 'keeps its executions when it is disposed',
    found: ['EB-DISPOSED-001', 'EB-DISPOSED-002', 'EB-DISPOSED-003', 'EB-LEFTOVER-001'],
    plant: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  },
  {
    fault: 'is never disposed while a run is open',
    found: [
      'EB-DISPATCH-002',
      'EB-DISPATCH-003',
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-010',
      'EB-STOP-007',
      'EB-STOP-010',
      'EB-QUESTION-002',
      'EB-QUESTION-003',
      'EB-QUESTION-004',
      'EB-QUESTION-005',
      'EB-QUESTION-011',
      'EB-PUBLISH-002',
      'EB-RECOVER-013',
      'EB-EXIT-001',
      'EB-EXIT-002',
      'EB-DISPOSED-007',
      'EB-CRASH-004',
      'EB-CRASH-006',
      'EB-TIME-002',
      'EB-LEFTOVER-001',
    ],
    plant: (sound) => {
      const open = new Set<string>();
      const tampered = tampering((publisher) => ({
        publish: (event) => {
          if (event.inputId) open[event.type === 'run-ended' ? 'delete' : 'add'](event.inputId);
          return publisher.publish(event);
        },
      }));
      return {
        ...through(tampered)(sound, {}),
        [Symbol.asyncDispose]: () => (open.size > 0 ? never() : sound[Symbol.asyncDispose]()),
      };
    },
  },
  {
    fault: 'forgets that it was told to stop a Worker that it does not know',
    found: ['EB-STOP-011'],
    plant: (sound) => {
      const known = new Set<string>();
      return {
        spawn: (request, ...rest) => {
          known.add(request.workerId);
          return sound.spawn(request, ...rest);
        },
        stop: (handle, ...rest) =>
          known.has(handle.workerId)
            ? sound.stop(handle, ...rest)
            : Promise.resolve({ outcome: 'accepted', end: 'stopped' }),
      };
    },
  },
];

const everywhere = new Map<string, ExecutionBackend>();
