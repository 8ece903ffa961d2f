import type { BackendContentEvent } from '../../../domain/observation/event.js';

import type { SessionModes, SessionUpdate } from './messages.js';

type Kind = 'usage_update' | 'current_mode_update' | 'notice' | 'compaction_update';
/** What an agent tells of itself, whatever it works on. */
export type News = Extract<SessionUpdate, { readonly sessionUpdate: Kind }>;

const compactions: Readonly<Record<string, string>> = {
  in_progress: 'The agent shortens its context.',
  completed: 'The agent has shortened its context.',
  failed: 'The agent could not shorten its context.',
};

export const notice = (text: string, level: 'info' | 'warning' | 'error' = 'info'): BackendContentEvent => ({
  type: 'notice',
  level,
  text,
});

/** The event that tells it; none of a state that nobody knows. */
export function newsOf(update: News, modes: SessionModes): BackendContentEvent | undefined {
  switch (update.sessionUpdate) {
    case 'usage_update': {
      const { used, size, cost } = update;
      const costUsd = cost?.currency === 'USD' ? cost.amount : undefined;
      return { type: 'usage', contextTokens: used, contextLimit: size, ...(costUsd !== undefined && { costUsd }) };
    }
    case 'current_mode_update': {
      const { currentModeId } = update;
      const mode = modes?.availableModes.find(({ id }) => id === currentModeId);
      return notice(`Mode: ${mode?.name ?? currentModeId}`);
    }
    case 'notice': {
      const { severity, title, description } = update;
      const level = severity === 'warning' || severity === 'error' ? severity : 'info';
      return notice(description === undefined ? title : `${title}: ${description}`, level);
    }
    case 'compaction_update': {
      const text = compactions[update.status];
      return text === undefined ? undefined : notice(text, update.status === 'failed' ? 'warning' : 'info');
    }
  }
}
