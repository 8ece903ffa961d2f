import type { BackendEvent } from '../../domain/observation/event.js';

const ids = ['inputId', 'messageId', 'toolCallId', 'questionId'];

/** What an event says, without the ids that differ from run to run and from generation to generation. */
export const contentOf = (event: BackendEvent): string =>
  JSON.stringify(Object.entries(event).filter(([key]) => !ids.includes(key)));
