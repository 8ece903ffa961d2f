import type { WireCaseDefinition } from './case-definition.js';
import { wireFlowCases } from './wire-flow-cases.js';
import { wireHandshakeCases } from './wire-handshake-cases.js';
import { wireLineCases } from './wire-line-cases.js';
import { wireLossCases } from './wire-loss-cases.js';
import { wireOrderCases } from './wire-order-cases.js';
import { wireOutcomeCases } from './wire-outcome-cases.js';
import { wireResumptionCases } from './wire-resumption-cases.js';

/** What every backend must keep that speaks EBP/1, line by line. */
export const wireCases: readonly WireCaseDefinition[] = [
  ...wireHandshakeCases,
  ...wireLineCases,
  ...wireOutcomeCases,
  ...wireOrderCases,
  ...wireFlowCases,
  ...wireLossCases,
  ...wireResumptionCases,
];
