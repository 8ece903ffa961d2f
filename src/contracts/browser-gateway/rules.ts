import { keptBy } from '../kept-by.js';
import type { KeptElsewhere } from '../kept-by.js';

/** The rules that no case of this suite can find broken, and whose they are. Every other rule is cited by a case. */
export const keptElsewhere: KeptElsewhere = {
  ...keptBy('the decider, and the backend: a caller cannot end an execution or come before its cause', ['W1', 'W9']),
  ...keptBy('the decider: nothing that crosses this port says who authored it, or of which generation', ['W2', 'W15']),
  ...keptBy('the publisher: events do not come in through this port', ['P1', 'P2']),
  ...keptBy('the log and recovery: a case has one Runtime, which does not crash', ['P4', 'R1', 'R2', 'R3', 'R4', 'R6']),
  ...keptBy('the wire', ['E1', 'E2', 'E3', 'E4', 'E5', 'E6']),
  W12: 'the decider: the game of the suite can do everything',
  W19: 'the mailbox: appends and what follows a failed one',
  R5: 'the Runtime and the backend: executions have no name here',
};
