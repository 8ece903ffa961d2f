import type { BackendEvent } from '../../domain/observation/event.js';

/** Neither kebab-case nor short: a code that nobody may be shown (B5). */
const wrongCode = 'Segmentation fault (core dumped): see the log '.repeat(8);
const wrongInputId = '00000000-0000-0000-0000-00000000000g';

const wrongEvents: readonly ((event: BackendEvent) => unknown)[] = [
  () => undefined,
  () => null,
  () => 'text-delta',
  () => [],
  () => ({ type: 'no-such-event' }),
  (event) => ({ ...event, type: 'input-ended', end: 'completed' }),
  (event) => ({ ...event, type: 'text-delta', messageId: 'a message', text: 7 }),
  (event) => ({ ...event, inputId: wrongInputId }),
  (event) => ({ ...event, type: 'run-ended', end: 'finished' }),
  (event) => ({ ...event, type: 'run-ended', end: 'failed', code: wrongCode }),
];

const throwing = (): never => {
  throw new Error('thrown on purpose');
};

const wrongAnswers: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 'accepted',
  () => ({}),
  () => ({ outcome: 'maybe' }),
  () => ({ outcome: 'connected', capabilities: 'all of them' }),
  () => ({ outcome: 'errored', code: 7 }),
  () => ({ outcome: 'rejected', code: wrongCode }),
  () => ({
    get outcome() {
      return throwing();
    },
  }),
  throwing,
];

function chosen<T>(from: readonly T[], variant: number): T {
  return from[variant % from.length] as T;
}

/** Something in place of an event. */
export const garbageEvent = (event: BackendEvent, variant = 0): unknown => chosen(wrongEvents, variant)(event);
/** Something in place of an answer. Some throw. */
export const garbageAnswer = (variant = 0): unknown => chosen(wrongAnswers, variant)();
