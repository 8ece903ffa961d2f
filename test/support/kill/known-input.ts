import type { Account } from './account.js';
import type { Told } from './answers.js';
import { isAway, isUnknown } from './answers.js';
import { claim } from './claim.js';

/** `undecided`: sent, and not told. `unknown`: told so after its host was killed, for good. */
export type InputState = 'free' | 'undecided' | 'accepted' | 'unknown';

interface Asked {
  readonly account: Account;
  readonly isShared: boolean;
}

/** What was told of an input. */
export class KnownInput {
  readonly inputId: string;
  readonly text: string;
  state: InputState;
  cursor: string | undefined;
  /** How many of its sends are under way. */
  #underWay = 0;

  constructor(inputId: string, text: string, state: InputState = 'free') {
    this.inputId = inputId;
    this.text = text;
    this.state = state;
  }

  get body(): { readonly inputId: string; readonly text: string } {
    return { inputId: this.inputId, text: this.text };
  }

  sending(): InputState {
    this.#underWay += 1;
    return this.state;
  }

  /** Told accepted, or seen in a log. */
  accepted(cursor?: string): void {
    const { inputId } = this;
    claim(this.state !== 'unknown', 'W8: unknown is for good', { inputId, cursor });
    claim(this.cursor === undefined || cursor === undefined || this.cursor === cursor, 'W8: the first accepted again', {
      first: this.cursor,
      again: cursor,
    });
    this.cursor ??= cursor;
    this.state = 'accepted';
  }

  /** `before`: its state when it was sent. */
  answered(told: Told | undefined, before: InputState, { account, isShared }: Asked): void {
    const isLost = told === undefined || isUnknown(told);
    if (!isLost || !isShared) this.#underWay -= 1;
    if (!told) return this.#lost();
    if (told.status === 202) return this.accepted(told.body.cursor);
    if (told.body.code === 'worker-unknown') return;
    if (isAway(told) && before !== 'free') return;
    claim(before !== 'accepted', 'W8: what was accepted is accepted again', { input: this.body, told });
    if (isUnknown(told)) return this.#lost();
    this.refused(told, before, account);
  }

  /** Told that nothing was executed: the id is free again, unless another send of it is under way. */
  refused(told: Told, before: InputState, account: Account): void {
    claim(before !== 'unknown', 'W8: unknown is for good', { input: this.body, told });
    if (this.#underWay > 0 || this.state === 'accepted') return;
    claim(account.takes(this.inputId) === 0, 'W6, W8: what is refused is not executed', { input: this.body, told });
    this.state = 'free';
  }

  #lost(): void {
    if (this.state === 'free') this.state = 'undecided';
  }
}
