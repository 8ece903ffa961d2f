import type { Capabilities } from '../ports/execution-backend.js';
import type { RuleId } from './rule-sentences.js';
import type { Note } from './trace.js';

/** What a harness can provoke; a case that needs what is not there is skipped, and says so. */
export type Provocation =
  | 'streams'
  | 'runs-until-cancelled'
  | 'asks'
  | 'withdraws'
  | 'fails'
  | 'refused-profile'
  | 'canaries'
  | 'crash'
  | 'cut'
  | 'elapse'
  | 'leftovers'
  | 'wire'
  | 'reconnects'
  | 'many-workers';
export type Capability = keyof Capabilities | Provocation;

export interface CaseCall {
  readonly signal: AbortSignal;
  readonly note: Note;
}

/** One claim about an implementation of a port. Knows no test runner. */
export interface ContractCase {
  /** Stable: `EB-CANCEL-003`. */
  readonly id: string;
  readonly title: string;
  /** The rules that an implementation breaks which fails it. */
  readonly rules: readonly RuleId[];
  readonly requires?: readonly Capability[] | undefined;
  /** Says what holds where one of these is missing; skipped where it is there. */
  readonly excludes?: readonly Capability[] | undefined;
  /** Milliseconds after which its runner aborts it. */
  readonly deadlineMs: number;
  /** Rejects where the claim does not hold, and where `signal` aborts, naming what it waited for. */
  run(call: CaseCall): Promise<void>;
}

/** How long after its deadline a case that does not heed its signal is waited for. */
const unheededMs = 1_000;

/** Runs a case with its deadline. Settles also where the case never does. */
export async function runCase({ id, deadlineMs, run }: ContractCase, note: Note): Promise<void> {
  const controller = new AbortController();
  const late = new Error(`${id} was not over after ${deadlineMs} ms`);
  const deadline = setTimeout(() => controller.abort(late), deadlineMs);
  let end: ReturnType<typeof setTimeout> | undefined;
  const unheeded = new Promise<never>((_, reject) => (end = setTimeout(() => reject(late), deadlineMs + unheededMs)));
  try {
    await Promise.race([run({ signal: controller.signal, note }), unheeded]);
  } finally {
    clearTimeout(deadline);
    clearTimeout(end);
  }
}

/** Why a case does not apply to what has these capabilities. */
export function skipReason(contractCase: ContractCase, capabilities: readonly Capability[]): string | undefined {
  const missing = contractCase.requires?.find((capability) => !capabilities.includes(capability));
  if (missing !== undefined) return `needs ${missing}`;
  const present = contractCase.excludes?.find((capability) => capabilities.includes(capability));
  return present === undefined ? undefined : `only without ${present}`;
}
