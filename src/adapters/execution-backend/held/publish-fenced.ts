import type { BackendEvent } from '../../../domain/observation/event.js';
import type { Logger } from '../../../ports/logger.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

export interface FencedOptions {
  readonly publish: (event: BackendEvent) => Promise<PublishResult>;
  readonly logger: Logger;
  /** The host does not take events of this generation any more. */
  readonly onFenced: () => void;
}

/** Publishes an event, and tells whoever has to know where it is refused. */
export async function publishFenced(event: BackendEvent, options: FencedOptions): Promise<PublishResult> {
  const { publish, logger, onFenced } = options;
  const result = await publish(event);
  if (result.outcome === 'taken') return result;
  logger.warn('an event was refused', { inputId: event.inputId, type: event.type, code: result.code });
  if (result.code === 'stale-generation' || result.code === 'worker-stopped') onFenced();
  return result;
}
