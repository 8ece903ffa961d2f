import type { KeptElsewhere } from '../kept-by.js';

/**
 * The rules that no execution backend can break by itself, and whose they are. Every other rule is cited by a case:
 * `casesByRule` of its cases and this table together name each rule once.
 */
export const keptElsewhere: KeptElsewhere = {
  W3: 'a backend does not see who reads',
  W4: 'the shapes of the browser-facing port',
  W10: 'the decider: status follows the log',
  W19: 'the mailbox: appends and what follows a failed one',
  O1: 'the decider: the first and the last event are the own of the Runtime',
  O2: 'the decider: it holds what comes before execution-connected',
  P3: 'the observation hub',
  P4: 'the mailbox and the hub: what is shown is durable',
  P5: 'the cursor',
  R1: 'the log',
  R4: 'the log: torn tails and damage',
  R6: 'the Runtime: what it keeps of a create',
  B1: 'the projection',
  B4: 'the gateway: what a caller may see',
};
