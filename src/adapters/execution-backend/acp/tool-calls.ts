import { isMintedId } from '../../../domain/ids.js';
import type { BackendContentEvent } from '../../../domain/observation/event.js';

import { Recent } from '../held/recent.js';
import { beginning } from './beginning.js';
import { diffsOf, outputOf } from './content.js';
import type { ToolCall, ToolContent } from './messages.js';

/** A tool call as far as the agent has told it. */
interface KnownCall {
  readonly toolCallId: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly isRunning: boolean;
  /** Terminals that it shows: what they have printed is told once more at its end. */
  readonly live?: ToolContent[] | undefined;
  /** Where it was told: what it says elsewhere begins anew. */
  readonly scope: string;
}

export interface ToolCallsOptions {
  /** The folder that the agent works in: files in it are told as they are called there. */
  readonly cwd: string;
  /** An id that no event had before. */
  readonly mint: (what: string) => string;
  /** What a terminal of the host has printed. */
  readonly terminalText: (terminalId: string) => string | undefined;
}

const rememberedCalls = 1_000;
const rememberedCharacters = 1_000;

/** The tool calls of an agent, as it tells them piece by piece: each begins once and ends once in what it belongs to. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #calls = new Recent<string, KnownCall>(rememberedCalls);
  /** The run or activity that is told of now. */
  #scope = '';

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  /** Calls that are told from now on belong to another run or activity. */
  enter(scope: string): void {
    this.#scope = scope;
  }

  /** Whether one of what is told now has not ended. */
  get isRunning(): boolean {
    return [...this.#calls.values()].some(({ isRunning, scope }) => isRunning && scope === this.#scope);
  }

  /** What a tool call is called. */
  titleOf({ toolCallId, title, name, kind }: ToolCall): string {
    const known = this.#calls.get(toolCallId);
    return title ?? known?.title ?? name ?? known?.name ?? kind ?? 'a tool call';
  }

  /** The events of what is told of a call. */
  take(call: ToolCall): readonly BackendContentEvent[] {
    const known = this.#calls.get(call.toolCallId);
    const isKnown = known?.scope === this.#scope;
    if (isKnown && !known.isRunning) return [];
    const events = isKnown ? this.#changed(known, call) : this.#started(known, call);
    if (call.content) this.#know(call.toolCallId, { live: liveOf(call.content) });
    if (!isEnded(call)) return events;
    const { toolCallId, live } = this.#know(call.toolCallId, { isRunning: false });
    const output = this.#outputOf({ ...call, content: call.content ?? live });
    const isError = call.status === 'failed';
    return [...events, { type: 'tool-call-ended', toolCallId, isError, ...(output !== undefined && { output }) }];
  }

  #started(known: KnownCall | undefined, call: ToolCall): readonly BackendContentEvent[] {
    const toolCallId = known ? this.#options.mint('call') : this.#idOf(call.toolCallId);
    const name = call.name ?? known?.name ?? call.kind ?? 'tool';
    const title = call.title ?? known?.title;
    const shown = { name: clipped(name), title: title === undefined ? undefined : clipped(title) };
    this.#calls.set(call.toolCallId, { toolCallId, ...shown, isRunning: true, scope: this.#scope });
    const input = call.rawInput;
    const given = { ...(title !== undefined && { title }), ...(input !== undefined && { input }) };
    const more = this.#told(toolCallId, { ...call, title: undefined, rawInput: undefined });
    return [{ type: 'tool-call-started', toolCallId, name, ...given }, ...more];
  }

  #changed({ toolCallId, title }: KnownCall, call: ToolCall): readonly BackendContentEvent[] {
    if (call.title !== undefined) this.#know(call.toolCallId, { title: clipped(call.title) });
    return this.#told(toolCallId, {
      ...call,
      title: call.title !== undefined && clipped(call.title) === title ? undefined : call.title,
    });
  }

  /** What a call tells beside its end, whose output is told with it. */
  #told(toolCallId: string, call: ToolCall): readonly BackendContentEvent[] {
    const { title, rawInput: input } = call;
    const output = isEnded(call) ? undefined : this.#outputOf(call);
    const diffs = diffsOf(call.content, this.#options.cwd);
    const told = {
      ...(title !== undefined && { title }),
      ...(input !== undefined && { input }),
      ...(output !== undefined && { output }),
      ...(diffs !== undefined && { diffs }),
    };
    return Object.keys(told).length === 0 ? [] : [{ type: 'tool-call-updated', toolCallId, ...told }];
  }

  #outputOf({ content, rawOutput }: ToolCall) {
    return outputOf(content, rawOutput, this.#options.terminalText);
  }

  #know(theirs: string, change: Partial<KnownCall>): KnownCall {
    const former = this.#calls.get(theirs);
    const known = { toolCallId: theirs, name: 'tool', isRunning: true, scope: this.#scope, ...former, ...change };
    this.#calls.set(theirs, known);
    return known;
  }

  /** Theirs, where it is an id of ours too and no other call has it. */
  #idOf(theirs: string): string {
    const isTaken = [...this.#calls.values()].some(({ toolCallId }) => toolCallId === theirs);
    return isMintedId(theirs) && !isTaken ? theirs : this.#options.mint('call');
  }
}

const clipped = (text: string): string => beginning(text, rememberedCharacters);

const isEnded = ({ status }: ToolCall): boolean => status === 'completed' || status === 'failed';

/** The terminals that are all the text of a content. */
const liveOf = (content: ToolContent[]): ToolContent[] | undefined =>
  content.some(({ type }) => type === 'content') ? undefined : content.filter(({ type }) => type === 'terminal');
