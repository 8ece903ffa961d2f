import { canary } from '../../support/contracts/generator-harness.js';
import type { ExecutionBackend, ExecutionFacts } from '../../../src/ports/execution-backend.js';
import { type Plant, type PlantedFault, publishing } from '../plant.js';

type Coded = { readonly outcome: string; readonly code?: string | undefined };
const refusals = ['rejected', 'errored'];

/** Every refusal of every method has this code, where `matches`. */
const coded =
  (code: string, matches: (answer: Coded, disposed: boolean) => boolean): Plant =>
  (sound) => {
    let disposed = false;
    const told = async <T extends Coded>(answer: Promise<T>): Promise<T> => {
      const given = await answer;
      return refusals.includes(given.outcome) && matches(given, disposed) ? { ...given, code } : given;
    };
    const plant: Partial<ExecutionBackend> = {
      spawn: (...call) => told(sound.spawn(...call)),
      recover: (...call) => told(sound.recover(...call)),
      dispatch: (...call) => told(sound.dispatch(...call)),
      answer: (...call) => told(sound.answer(...call)),
      cancel: (...call) => told(sound.cancel(...call)),
      stop: (...call) => told(sound.stop(...call)),
      [Symbol.asyncDispose]: () => {
        disposed = true;
        return sound[Symbol.asyncDispose]();
      },
    };
    return plant;
  };

/** Says other facts of itself than it should. */
const saying =
  (facts: (said: ExecutionFacts) => Partial<ExecutionFacts>): Plant =>
  (sound) => ({
    spawn: async (...call) => {
      const answer = await sound.spawn(...call);
      return answer.outcome === 'connected' ? { ...answer, ...facts(answer) } : answer;
    },
  });

const all = { cancel: true, stop: true, questions: true, recover: true } as const;
const without = (capability: keyof typeof all): NonNullable<PlantedFault['harness']> => ({
  capabilities: { ...all, [capability]: false },
});
const hiding = (capability: keyof typeof all): Plant =>
  saying(({ capabilities }) => ({ capabilities: { ...capabilities, [capability]: false } }));

/** Codes, facts and capabilities that say too much or the wrong thing. */
export const secretFaults: readonly PlantedFault[] = [
  {
    fault: 'shows the cause of a failure as its code',
    found: ['EB-EVENT-005', 'EB-EVENT-006'],
    plant: publishing(
      (publish) => (event) =>
        publish(event.type === 'run-ended' && event.end === 'failed' ? { ...event, code: canary } : event),
    ),
  },
  {
    fault: 'ends a run with a code that it has not declared',
    found: ['EB-EVENT-005'],
    plant: publishing(
      (publish) => (event) =>
        publish(event.type === 'run-ended' && event.end === 'failed' ? { ...event, code: 'no-fortune' } : event),
    ),
  },
  {
    fault: 'shows why it refuses a profile',
    found: ['EB-SECRET-001'],
    plant: coded(canary, ({ outcome, code }) => outcome === 'errored' && code === undefined),
  },
  {
    fault: 'puts its path into the code of what is not there',
    found: [
      'EB-CANCEL-002',
      'EB-CANCEL-003',
      'EB-CANCEL-008',
      'EB-CANCEL-010',
      'EB-QUESTION-003',
      'EB-QUESTION-009',
      'EB-QUESTION-011',
      'EB-REPEATED-005',
      'EB-ABORTED-005',
      'EB-MIDWAY-005',
      'EB-CODE-004',
    ],
    plant: coded('/var/lib/worker.sock', ({ code }) => code === 'question-unknown' || code === 'input-not-open'),
  },
  {
    fault: 'puts its path into the code of a lower generation',
    found: [
      'EB-DISPATCH-011',
      'EB-STOP-010',
      'EB-STOP-011',
      'EB-RECOVER-002',
      'EB-STALE-001',
      'EB-STALE-002',
      'EB-STALE-003',
      'EB-STALE-004',
      'EB-STALE-005',
      'EB-STALE-006',
      'EB-CODE-002',
    ],
    plant: coded('/var/lib/worker.sock', ({ code }) => code === 'stale-generation'),
  },
  {
    fault: 'puts its path into its codes once it is disposed',
    found: ['EB-DISPOSED-001', 'EB-DISPOSED-003', 'EB-DISPOSED-004', 'EB-DISPOSED-005'],
    plant: coded('/var/lib/worker.sock', (_, disposed) => disposed),
  },
  {
    fault: 'declares codes of its own form',
    found: ['EB-SPAWN-001'],
    plant: saying(() => ({ codes: ['Out of luck'] })),
  },
  {
    fault: 'keeps more in its recoverState than there is room for',
    found: ['EB-SPAWN-001'],
    plant: saying(() => ({ recoverState: 'x'.repeat(70_000) })),
  },
  {
    fault: 'keeps a date in its recoverState',
    found: ['EB-SPAWN-001'],
    plant: saying(() => ({ recoverState: new Date(0) as never })),
  },
  {
    fault: 'keeps a secret in its recoverState',
    found: ['EB-EVENT-008'],
    plant: saying(() => ({ recoverState: { key: canary } })),
  },
  {
    fault: 'declares no cancel, but has one',
    found: ['EB-UNSUPPORTED-005'],
    harness: without('cancel'),
    plant: hiding('cancel'),
  },
  {
    fault: 'declares no stop, but has one',
    found: ['EB-UNSUPPORTED-006'],
    harness: without('stop'),
    plant: hiding('stop'),
  },
  {
    fault: 'declares no questions, but takes answers',
    found: ['EB-UNSUPPORTED-004'],
    harness: without('questions'),
    plant: hiding('questions'),
  },
  {
    fault: 'declares no recover, but has one',
    found: ['EB-UNSUPPORTED-002'],
    harness: without('recover'),
    plant: hiding('recover'),
  },
  {
    fault: 'declares what its harness does not name',
    found: ['EB-SPAWN-002', 'EB-UNSUPPORTED-004'],
    harness: { capabilities: { cancel: true, stop: true, recover: true } },
    plant: () => ({}),
  },
];
