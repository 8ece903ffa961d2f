import { keptBy } from '../kept-by.js';
import type { KeptElsewhere } from '../kept-by.js';

/** The rules that no case of this suite can find broken, and whose they are. Every other rule is cited by a case. */
export const keptElsewhere: KeptElsewhere = {
  ...keptBy('the decider: what is appended is decided before', ['W1', 'W2', 'W5', 'W7', 'W9', 'W10', 'W11', 'W12']),
  ...keptBy('the decider: what is appended is decided before', ['W15', 'W17', 'R2']),
  ...keptBy('the decider: the log knows no order but that of its numbers', ['O1', 'O2', 'O3', 'O4', 'O5', 'O6']),
  ...keptBy('the backend and its publisher: the log hears of appends alone', ['P1', 'P2']),
  ...keptBy('the wire', ['E1', 'E2', 'E3', 'E4', 'E5', 'E6']),
  ...keptBy('the projection: what is appended is public already', ['B1', 'B2', 'B3', 'B5']),
  W3: 'the Runtime: a log does not see who reads',
  W4: 'the shapes of the browser-facing port',
  W16: 'the guard of the Runtime: what a log answers is closed by its type',
  P4: 'who promises durability, in tests of its own: no case can crash a store',
  R1: 'who promises durability, in tests of its own: no case can crash a store',
  R6: 'the Runtime: what it keeps of a create',
  B4: 'the gateway: what a caller may see',
};
