import { keptElsewhere as keptByOthersThanGateways } from './browser-gateway/rules.js';
import type { ContractCase } from './contract-case.js';
import { keptElsewhere as keptByOthersThanBackends } from './execution-backend/rules.js';
import type { KeptElsewhere } from './kept-by.js';
import type { RuleId } from './rule-sentences.js';
import { keptElsewhere as keptByOthersThanLogs } from './worker-log/rules.js';

export type JudgedPort = 'execution-backend' | 'worker-log' | 'browser-gateway';

/** For each suite the rules that it leaves to others. Its cases and this table together name each rule once. */
export const keptElsewhere: Readonly<Record<JudgedPort, KeptElsewhere>> = {
  'execution-backend': keptByOthersThanBackends,
  'worker-log': keptByOthersThanLogs,
  'browser-gateway': keptByOthersThanGateways,
};

/** Which cases find a broken rule. */
export function casesByRule(cases: readonly ContractCase[]): ReadonlyMap<RuleId, readonly string[]> {
  const byRule = new Map<RuleId, string[]>();
  for (const { id, rules } of cases) {
    for (const rule of rules) byRule.set(rule, [...(byRule.get(rule) ?? []), id]);
  }
  return byRule;
}
