import type { RuleId } from './rule-sentences.js';

/** Rules that what implements a port cannot break by itself, or no case of its suite can see broken, and whose they are. */
export type KeptElsewhere = Readonly<Partial<Record<RuleId, string>>>;

/** Several rules that are kept in one place. */
export const keptBy = (keeper: string, rules: readonly RuleId[]): KeptElsewhere =>
  Object.fromEntries(rules.map((rule) => [rule, keeper]));
