import type { CaseResult } from './check-contract.js';

/** What a run says, each case once: where it was repeated, with its first result that counts. */
export interface ContractVerdict {
  readonly passed: readonly CaseResult[];
  /** Failed at least once. */
  readonly failed: readonly CaseResult[];
  /** Failed at least once, and is known to. */
  readonly known: readonly CaseResult[];
  /** Is known to fail, and passed every time: the list of known failures is out of date. */
  readonly unexpectedlyPassed: readonly CaseResult[];
  readonly skipped: readonly CaseResult[];
  /** Nothing failed but what is known to, and all of that did. */
  readonly isKept: boolean;
}

/** Judges the results of one run, or of several of the same cases. `knownFailures` are ids. */
export function verdictOf(results: readonly CaseResult[], knownFailures: readonly string[] = []): ContractVerdict {
  const first = new Map<string, CaseResult>();
  for (const result of results) {
    const counts = result.status === 'failed' && first.get(result.id)?.status !== 'failed';
    if (counts || !first.has(result.id)) first.set(result.id, result);
  }
  const having = (status: CaseResult['status'], isKnown?: boolean): readonly CaseResult[] =>
    [...first.values()].filter(
      (result) => result.status === status && (isKnown === undefined || knownFailures.includes(result.id) === isKnown),
    );
  const [failed, unexpectedlyPassed] = [having('failed', false), having('passed', true)];
  return {
    passed: having('passed', false),
    failed,
    known: having('failed', true),
    unexpectedlyPassed,
    skipped: having('skipped'),
    isKept: failed.length === 0 && unexpectedlyPassed.length === 0,
  };
}
