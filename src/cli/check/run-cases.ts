import { checkContract } from '../../contracts/check-contract.js';
import type { CaseResult } from '../../contracts/check-contract.js';
import type { ContractCase } from '../../contracts/contract-case.js';
import { skipReason } from '../../contracts/contract-case.js';
import { shuffleCases } from '../../contracts/select-cases.js';
import { wordHint } from './hints.js';
import type { CheckedCase, Reporter } from './reporters/reporter.js';
import type { CheckTarget } from './target.js';

export interface RunPlan {
  /** Those that are run, in order. */
  readonly cases: readonly ContractCase[];
  readonly repeat: number;
  readonly concurrency: number;
  readonly seed?: number | undefined;
  readonly knownFailures: readonly string[];
}

/** Runs the cases of a target so often as is asked, and answers every result. Stops between two cases. */
export async function runCases(
  target: CheckTarget,
  plan: RunPlan,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<readonly CheckedCase[]> {
  const { cases, seed, knownFailures } = plan;
  const results: CheckedCase[] = [];
  const byId = new Map(cases.map((contractCase) => [contractCase.id, contractCase]));

  const checked = (result: CaseResult, repetition: number): CheckedCase => {
    const said = target.takeLines();
    const isKnown = knownFailures.includes(result.id);
    if (result.status !== 'failed') return { ...result, repetition, isKnown };
    const hint = target.saysDefaultWords ? wordHint(byId.get(result.id)?.requires, result.reason) : undefined;
    return { ...result, repetition, isKnown, ...(hint !== undefined && { hint }), ...(said.length > 0 && { said }) };
  };
  for (let repetition = 1; repetition <= plan.repeat; repetition += 1) {
    const isDue = (each: ContractCase): boolean =>
      repetition === 1 || skipReason(each, target.capabilities) === undefined;
    const due = cases.filter(isDue);
    await checkContract(seed === undefined ? due : shuffleCases(due, seed + repetition - 1), {
      capabilities: target.capabilities,
      concurrency: plan.concurrency,
      signal,
      onStart: (contractCase) => reporter.caseStarted(contractCase),
      onResult: (result) => {
        const told = checked(result, repetition);
        results.push(told);
        reporter.result(told);
      },
    });
  }
  return results;
}
