import type { Capability, ContractCase } from '../../contracts/contract-case.js';

/** What is judged, ready to be. Disposing ends all that it runs. */
export interface CheckTarget extends AsyncDisposable {
  /** As it is named to people. */
  readonly name: string;
  readonly cases: readonly ContractCase[];
  /** What of the suite applies to it. */
  readonly capabilities: readonly Capability[];
  /** Its inputs are the words of `wordInputs`, because nobody named others. */
  readonly saysDefaultWords: boolean;
  /** What it told its operator since this was asked last. Bounded. */
  takeLines(): readonly string[];
}
