import type { InputId } from '../../../domain/ids.js';
import type { BackendContentEvent, BackendEvent, PlanStep } from '../../../domain/observation/event.js';

import { textOf, unshown } from './content.js';
import type { ContentBlock, SessionModes, SessionUpdate, ToolCall } from './messages.js';
import { newsOf, notice } from './news.js';
import { ToolCalls } from './tool-calls.js';

type Update<Kind extends SessionUpdate['sessionUpdate']> = Extract<SessionUpdate, { readonly sessionUpdate: Kind }>;
type Stream = 'text' | 'reasoning';

export interface NarrationOptions {
  /** The folder that the agent works in. */
  readonly cwd: string;
  /** Begins the ids of what no input caused: unique among the generations of a Worker. */
  readonly prefix: string;
  readonly terminalText: (terminalId: string) => string | undefined;
}

const statuses = { pending: 'pending', in_progress: 'in-progress', completed: 'completed' } as const;
/** What an agent tells, as events: those of the open run name its input, the others stand in an activity. */
export class Narration {
  readonly #prefix: string;
  readonly #calls: ToolCalls;
  #modes: SessionModes;
  #inputId: InputId | undefined;
  /** What ids are made of: the open input, else the activity. */
  #scope = '';
  #activities = 0;
  #message: { readonly stream: Stream; readonly messageId: string; readonly theirs: string | undefined } | undefined;
  #minted = 0;

  constructor(options: NarrationOptions) {
    this.#prefix = options.prefix;
    this.#calls = new ToolCalls({
      mint: (what) => this.#mint(what),
      terminalText: options.terminalText,
      cwd: options.cwd,
    });
  }

  /** The modes whose names are told. */
  offer(modes: SessionModes): void {
    this.#modes = modes;
  }

  beginRun(inputId: InputId): readonly BackendEvent[] {
    const ended = this.endActivity();
    this.#inputId = inputId;
    this.#enter(inputId);
    return ended;
  }

  endRun(): void {
    if (this.#inputId === undefined) return;
    this.#inputId = undefined;
    this.#enter('');
  }

  /** Whether work goes on that no input caused. */
  get isActive(): boolean {
    return this.#inputId === undefined && this.#scope !== '';
  }

  /** Whether a tool call of the open run or activity has not ended. */
  get isCalling(): boolean {
    return this.#calls.isRunning;
  }

  endActivity(): readonly BackendEvent[] {
    if (!this.isActive) return [];
    const activityId = this.#scope;
    this.#enter('');
    return [{ type: 'activity-ended', activityId }];
  }

  /** The events of an update, in order. */
  take(update: SessionUpdate): readonly BackendEvent[] {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return this.#within(() => this.#chunk('text', update));
      case 'agent_thought_chunk':
        return this.#within(() => this.#chunk('reasoning', update));
      case 'tool_call':
      case 'tool_call_update':
        return this.call(update);
      case 'plan':
        return this.#within(() => [this.#plan(update)]);
      default:
        return this.#addressed([newsOf(update, this.#modes)].filter((event) => event !== undefined));
    }
  }

  /** What is told of a tool call, with a permission too. */
  call(call: ToolCall): readonly BackendEvent[] {
    return this.#within(() => {
      this.#message = undefined;
      return this.#calls.take(call);
    });
  }

  titleOf(call: ToolCall): string {
    return this.#calls.titleOf(call);
  }

  #enter(scope: string): void {
    this.#scope = scope;
    this.#calls.enter(scope);
    this.#message = undefined;
    this.#minted = 0;
  }

  #within(tell: () => readonly BackendContentEvent[]): readonly BackendEvent[] {
    if (this.#scope !== '') return this.#addressed(tell());
    this.#activities += 1;
    const activityId = `${this.#prefix}:activity-${this.#activities}`;
    this.#enter(activityId);
    return [{ type: 'activity-started', activityId }, ...tell()];
  }

  #addressed(events: readonly BackendContentEvent[]): readonly BackendEvent[] {
    const inputId = this.#inputId;
    return inputId === undefined ? events : events.map((event) => ({ ...event, inputId }));
  }

  #mint(what: string): string {
    this.#minted += 1;
    return `${this.#scope}:${what}-${this.#minted}`;
  }

  #chunk(
    stream: Stream,
    { content, messageId }: { readonly content: ContentBlock; readonly messageId: string | undefined },
  ) {
    const text = textOf(content);
    if (text === undefined) return [notice(`The agent says something that is not shown: ${unshown(content)}.`)];
    if (text === '') return [];
    const open = this.#message;
    const goesOn = open?.stream === stream && open.theirs === messageId;
    const message = goesOn ? open : { stream, theirs: messageId, messageId: this.#mint(stream) };
    this.#message = message;
    return [{ type: `${stream}-delta` as const, messageId: message.messageId, text }];
  }

  #plan({ entries }: Update<'plan'>): BackendContentEvent {
    this.#message = undefined;
    const steps = entries.map(({ content, status, priority }): PlanStep => ({
      text: content,
      status: statuses[status],
      ...(priority !== undefined && { priority }),
    }));
    return { type: 'plan-updated', planId: `${this.#scope}:plan`, steps };
  }
}
