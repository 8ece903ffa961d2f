import { type Capability, type ContractCase, type RuleId, runCase, skipReason } from './contract-case.js';

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly rules: readonly RuleId[];
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What failed, or why it was skipped. */
  readonly reason?: string;
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
  /** Stops between two cases; what was found until then is the report. */
  readonly signal?: AbortSignal | undefined;
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

async function check(contractCase: ContractCase, capabilities: readonly Capability[]): Promise<CaseResult> {
  const { id, title, rules } = contractCase;
  const skipped = skipReason(contractCase, capabilities);
  if (skipped !== undefined) return { id, title, rules, status: 'skipped', reason: skipped, durationMs: 0 };
  const startedAt = performance.now();
  const since = (): number => Math.round(performance.now() - startedAt);
  try {
    await runCase(contractCase);
    return { id, title, rules, status: 'passed', durationMs: since() };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { id, title, rules, status: 'failed', reason, durationMs: since() };
  }
}

/** Runs cases one after another, without a test runner. A case that fails is a result, never a throw. */
export async function checkContract(cases: readonly ContractCase[], options: CheckOptions): Promise<ContractReport> {
  const results: CaseResult[] = [];
  for (const contractCase of cases) {
    if (options.signal?.aborted) break;
    const result = await check(contractCase, options.capabilities);
    options.onResult?.(result);
    results.push(result);
  }
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped'), results };
}
