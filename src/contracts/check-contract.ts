import { AssertionError } from 'node:assert/strict';

import { type Capability, type ContractCase, runCase, skipReason } from './contract-case.js';
import { messageOf } from './message-of.js';
import type { RuleId } from './rule-sentences.js';
import { Trace } from './trace.js';

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly rules: readonly RuleId[];
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What failed, or why it was skipped. */
  readonly reason?: string;
  /** Of one that failed: what was expected and what came, where it is a comparison. */
  readonly expected?: unknown;
  readonly actual?: unknown;
  /** Of one that failed: the calls, answers and events that led there, oldest first. */
  readonly frames?: readonly string[];
  readonly durationMs: number;
}

export interface ContractReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly results: readonly CaseResult[];
}

export interface CheckOptions {
  readonly capabilities: readonly Capability[];
  /** How many cases are run at a time, from 1: more than one is for subjects that mostly wait, as programs do. 1. */
  readonly concurrency?: number | undefined;
  /** Stops between two cases; what was found until then is the report. */
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: ((contractCase: ContractCase) => void) | undefined;
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

/** The comparisons of `assert` that have two sides worth showing. */
const comparisons = ['strictEqual', 'deepStrictEqual'];

async function check(contractCase: ContractCase, capabilities: readonly Capability[]): Promise<CaseResult> {
  const { id, title, rules } = contractCase;
  const skipped = skipReason(contractCase, capabilities);
  if (skipped !== undefined) return { id, title, rules, status: 'skipped', reason: skipped, durationMs: 0 };
  const startedAt = performance.now();
  const since = (): number => Math.round(performance.now() - startedAt);
  const trace = new Trace();
  try {
    await runCase(contractCase, trace.note);
    return { id, title, rules, status: 'passed', durationMs: since() };
  } catch (cause) {
    return { id, title, rules, status: 'failed', ...failure(cause), frames: trace.frames, durationMs: since() };
  }
}

function failure(cause: unknown): Pick<CaseResult, 'reason' | 'expected' | 'actual'> {
  const reason = messageOf(cause);
  if (!(cause instanceof AssertionError) || !comparisons.includes(cause.operator)) return { reason };
  return { reason, expected: cause.expected, actual: cause.actual };
}

/**
 * Runs cases without a test runner, and answers their results in the order of the cases. A case that fails is a result,
 * never a throw. Rejects where `onStart` or `onResult` throw, and for a concurrency of the wrong form.
 */
export async function checkContract(cases: readonly ContractCase[], options: CheckOptions): Promise<ContractReport> {
  const { concurrency = 1, capabilities, signal, onStart, onResult } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new TypeError(`checkContract: concurrency is counted from 1, not ${concurrency}`);
  }
  const found: CaseResult[] = [];
  const next = cases.entries();
  const checkEach = async (): Promise<void> => {
    for (const [index, contractCase] of next) {
      if (signal?.aborted) return;
      onStart?.(contractCase);
      const result = await check(contractCase, capabilities);
      onResult?.(result);
      found[index] = result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, cases.length) }, checkEach));
  const results = Object.values(found);
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), results };
}
