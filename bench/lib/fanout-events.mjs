import { event300 } from './events.mjs';

const { text } = event300;

export const cursorOf = (sequence) => `wo_0badcafe_${sequence.toString(16).padStart(16, '0')}`;

/** An observation as Workport shows it: the same fields with the same lengths. */
export const observation = (sequence) => ({
  cursor: cursorOf(sequence),
  sequence,
  at: '2026-11-30T10:00:00.000Z',
  event: { type: 'text-delta', messageId: 'm', text },
});

/** The message in which Workport tells some of them. */
export const eventsMessage = (observations) => ({ type: 'events', id: 'o', observations });
