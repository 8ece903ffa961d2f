import { InputId } from '../../../src/domain/ids.js';
import type { BackendEvent } from '../../../src/domain/observation/event.js';
import { isEnd, never, type PlantedFault, type Publish, publishing, tampering, through } from '../plant.js';

const taken = { outcome: 'taken' } as const;
const isText = ({ type }: BackendEvent): boolean => type === 'text-delta';

/** Calls `tamper` with each event of a run and how many came before it. */
const counted = (tamper: (publish: Publish, event: BackendEvent, count: number) => ReturnType<Publish>) =>
  publishing((publish) => {
    const counts = new Map<string, number>();
    return (event) => {
      const count = counts.get(event.inputId ?? '') ?? 0;
      counts.set(event.inputId ?? '', count + 1);
      return tamper(publish, event, count);
    };
  });

/** Events that are lost, doubled, misnamed, or published past a full window. */
export const publishingFaults: readonly PlantedFault[] = [
  {
    fault: 'does not wait for room',
    found: ['EB-PUBLISH-001', 'EB-PUBLISH-004'],
    plant: publishing((publish) => (event) => {
      void publish(event);
      return Promise.resolve(taken);
    }),
  },
  {
    fault: 'waits for room in events and not in bytes',
    found: ['EB-PUBLISH-004'],
    plant: publishing((publish) => (event) => {
      const published = publish(event);
      return isText(event) && 'text' in event && event.text.length > 1_000 ? Promise.resolve(taken) : published;
    }),
  },
  {
    fault: 'holds up every Worker while the window of one is full',
    found: ['EB-PUBLISH-001', 'EB-PUBLISH-002', 'EB-PUBLISH-004', 'EB-RECOVER-011'],
    plant: (sound, options) => {
      const full = new Set<Promise<unknown>>();
      return publishing((publish) => async (event) => {
        await Promise.all(full);
        const published = publish(event);
        full.add(published);
        return published.finally(() => full.delete(published));
      })(sound, options);
    },
  },
  {
    fault: 'drops an event in the middle while events are not recorded at once',
    found: ['EB-PUBLISH-005', 'EB-RECOVER-011'],
    plant: through(
      tampering((publisher) => {
        let recorded = 0;
        let published = 0;
        publisher.onRecorded(({ sequence }) => (recorded = sequence));
        return {
          publish: (event) => {
            published += 1;
            return published - recorded === 700 && !isEnd(event) ? Promise.resolve(taken) : publisher.publish(event);
          },
        };
      }),
    ),
  },
  {
    fault: 'drops most of a long stream',
    found: ['EB-EVENT-003', 'EB-PUBLISH-001', 'EB-PUBLISH-002', 'EB-PUBLISH-008', 'EB-PUBLISH-009', 'EB-RECOVER-011'],
    plant: counted((publish, event, count) => (count > 200 && !isEnd(event) ? Promise.resolve(taken) : publish(event))),
  },
  {
    fault: 'changes the order of events while they are not recorded at once',
    found: ['EB-PUBLISH-005', 'EB-RECOVER-011'],
    plant: through(
      tampering((publisher) => {
        let recorded = 0;
        let published = 0;
        let held: BackendEvent | undefined;
        publisher.onRecorded(({ sequence }) => (recorded = sequence));
        return {
          publish: async (event) => {
            published += 1;
            if (published - recorded === 500 && !isEnd(event)) {
              held = event;
              return taken;
            }
            const answer = await publisher.publish(event);
            const late = held;
            held = undefined;
            if (late) await publisher.publish(late);
            return answer;
          },
        };
      }),
    ),
  },
  {
    fault: 'goes on with nothing once an event was refused',
    found: ['EB-PUBLISH-003'],
    plant: publishing((publish) => async (event) => {
      const answer = await publish(event);
      return answer.outcome === 'refused' ? never() : answer;
    }),
  },
  {
    fault: 'writes what only the Runtime may write',
    found: ['EB-EVENT-001', 'EB-EVENT-009', 'EB-RECOVER-003', 'EB-RECOVER-005', 'EB-RECOVER-008'],
    plant: publishing((publish) => (event) => {
      if (isEnd(event)) void publish({ type: 'worker-stopping', inputId: event.inputId } as unknown as BackendEvent);
      return publish(event);
    }),
  },
  {
    fault: 'names an input that was never sent',
    found: [
      'EB-EVENT-001',
      'EB-RECOVER-003',
      'EB-RECOVER-004',
      'EB-RECOVER-005',
      'EB-RECOVER-007',
      'EB-RECOVER-008',
      'EB-RECOVER-010',
      'EB-ATONCE-007',
    ],
    plant: publishing((publish) => (event) => {
      const inputId = InputId(crypto.randomUUID());
      if (isEnd(event)) void publish({ type: 'notice', level: 'info', text: '', inputId });
      return publish(event);
    }),
  },
  {
    fault: 'tells every Worker what one of them says',
    found: [
      'EB-SPAWN-004',
      'EB-SPAWN-006',
      'EB-SPAWN-007',
      'EB-DISPATCH-011',
      'EB-STOP-003',
      'EB-PUBLISH-001',
      'EB-PUBLISH-009',
      'EB-RECOVER-004',
      'EB-RECOVER-007',
      'EB-RECOVER-010',
      'EB-STALE-001',
      'EB-STALE-002',
      'EB-UNKNOWN-002',
    ],
    plant: (sound, options) => {
      const all = new Set<Publish>();
      return publishing((publish) => {
        all.add(publish);
        return (event) => {
          for (const other of all) if (other !== publish && isText(event)) void other(event);
          return publish(event);
        };
      })(sound, options);
    },
  },
  {
    fault: 'mints ids of its own form',
    found: ['EB-EVENT-004', 'EB-EVENT-009'],
    plant: publishing(
      (publish) => (event) => publish('messageId' in event ? { ...event, messageId: 'a message' } : event),
    ),
  },
  {
    fault: 'answers no stop while the window is full or events are refused',
    found: ['EB-PUBLISH-006', 'EB-PUBLISH-007', 'EB-PUBLISH-008', 'EB-PUBLISH-009'],
    plant: (sound, options) => {
      const stuck = new Map<string, number>();
      return {
        ...publishing((publish, { workerId }) => async (event) => {
          stuck.set(workerId, (stuck.get(workerId) ?? 0) + 1);
          const answer = await publish(event);
          if (answer.outcome === 'taken') stuck.set(workerId, (stuck.get(workerId) ?? 0) - 1);
          return answer;
        })(sound, options),
        stop: (handle, request, call) =>
          (stuck.get(handle.workerId) ?? 0) > 0 ? never() : sound.stop(handle, request, call),
        cancel: (handle, request, call) =>
          (stuck.get(handle.workerId) ?? 0) > 0 ? never() : sound.cancel(handle, request, call),
      };
    },
  },
  {
    fault: 'publishes text that is a number',
    found: ['EB-EVENT-009', 'EB-PUBLISH-004'],
    plant: publishing((publish) => (event) => {
      const wrong: unknown = { ...event, text: 7 };
      return publish(event.type === 'text-delta' ? (wrong as BackendEvent) : event);
    }),
  },
  {
    fault: 'ends a run that completed with a code that it never declared',
    found: ['EB-EVENT-009'],
    plant: publishing(
      (publish) => (event) =>
        publish(event.type === 'run-ended' && event.end === 'completed' ? { ...event, code: 'all-well' } : event),
    ),
  },
  {
    fault: 'says after each run that it has exited, and goes on',
    found: ['EB-EVENT-010'],
    plant: publishing((publish, publisher) => async (event) => {
      const result = await publish(event);
      if (event.type === 'run-ended') await publisher.disconnect({ kind: 'code', value: 0 });
      return result;
    }),
  },
];
