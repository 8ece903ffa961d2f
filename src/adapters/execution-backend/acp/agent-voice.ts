import type { InputId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

import type { Outlet } from '../held/outlet.js';
import { publishFenced } from '../held/publish-fenced.js';
import { publishFitting } from './fitting.js';
import type { SessionModes, ToolCall } from './messages.js';
import { sessionUpdate } from './messages.js';
import type { NarrationOptions } from './narration.js';
import { Narration } from './narration.js';

export interface AgentVoiceOptions extends NarrationOptions {
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The host does not take events of this generation any more. */
  readonly onFenced: () => void;
}

/** How long an agent that works by itself says nothing before that work counts as ended. Runs of tools are waited for. */
const quietMs = 5_000;

/** What an agent tells, on its way to the host. */
export class AgentVoice {
  readonly #options: AgentVoiceOptions;
  readonly #narration: Narration;
  #forgetQuiet: () => void = () => undefined;
  #said: Promise<void> = Promise.resolve();

  constructor(options: AgentVoiceOptions) {
    this.#options = options;
    this.#narration = new Narration(options);
  }

  offer(modes: SessionModes): void {
    this.#narration.offer(modes);
  }

  /** Resolves when there is room for the next one. */
  async tell(update: unknown): Promise<void> {
    const read = sessionUpdate.safeParse(update);
    if (!read.success) {
      this.#options.logger.debug('an update of an agent is not understood', { cause: read.error });
      return;
    }
    await this.#say(this.#narration.take(read.data));
    this.#awaitQuiet();
  }

  /** What a permission is asked for, as far as it is new; answers what it is called. */
  async tellCall(call: ToolCall): Promise<string> {
    const title = this.#narration.titleOf(call);
    await this.#say(this.#narration.call(call));
    return title;
  }

  /** What is told from now on is of this run. */
  beginRun(inputId: InputId): void {
    this.#forgetQuiet();
    void this.#say(this.#narration.beginRun(inputId));
  }

  endRun(): void {
    this.#narration.endRun();
  }

  /** Nothing more comes: work that goes on has ended. */
  end(): void {
    this.#forgetQuiet();
    void this.#say(this.#narration.endActivity());
  }

  /** After what was told before. Never rejects. */
  publish(event: BackendEvent): Promise<PublishResult> {
    const published = this.#said.then(() => this.#publish(event));
    this.#said = published.then(() => undefined);
    return published;
  }

  /** What is told together stays together: who asks for a permission does not wait with the updates. */
  #say(events: readonly BackendEvent[]): Promise<void> {
    for (const event of events) void this.publish(event);
    return this.#said;
  }

  async #publish(event: BackendEvent): Promise<PublishResult> {
    const { outlet, logger, onFenced } = this.#options;
    const publish = (whole: BackendEvent): Promise<PublishResult> =>
      publishFitting((part) => outlet.publish(part), whole);
    try {
      return await publishFenced(event, { publish, logger, onFenced });
    } catch (cause) {
      logger.error('an event was not published', { type: event.type, inputId: event.inputId, cause });
      return { outcome: 'refused', code: 'log-unavailable' };
    }
  }

  #awaitQuiet(): void {
    this.#forgetQuiet();
    if (!this.#narration.isActive || this.#narration.isCalling) return;
    this.#forgetQuiet = this.#options.clock.after(quietMs, () => this.end());
  }
}
