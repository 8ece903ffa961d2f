import type { CaseResult } from '../../../contracts/check-contract.js';
import type { ContractCase } from '../../../contracts/contract-case.js';
import type { ContractVerdict } from '../../../contracts/verdict.js';
import type { ExitCode } from '../../exit-codes.js';

export interface CheckStart {
  readonly port: string;
  readonly target: string;
  /** How many cases are run, those that are skipped included, once. */
  readonly cases: number;
  readonly repeat: number;
  /** How many results there will be: what is skipped is not repeated. */
  readonly results: number;
  /** Of the random order, where it is one. */
  readonly seed?: number | undefined;
}

/** A result, with what a person needs to act on it. */
export interface CheckedCase extends CaseResult {
  /** 1 … `repeat`. */
  readonly repetition: number;
  /** Is known to fail. */
  readonly isKnown: boolean;
  /** What may have gone wrong with the judgement itself. */
  readonly hint?: string | undefined;
  /** What the programs that ran meanwhile said. */
  readonly said?: readonly string[] | undefined;
}

export interface CheckEnd {
  readonly start: CheckStart;
  readonly verdict: ContractVerdict;
  /** Every result that failed, as it was told. */
  readonly failures: readonly CheckedCase[];
  readonly durationMs: number;
  readonly isInterrupted: boolean;
  readonly exitCode: ExitCode;
}

/** Tells how a run goes, as it goes. */
export interface Reporter {
  started(start: CheckStart): void;
  caseStarted(contractCase: ContractCase): void;
  result(result: CheckedCase): void;
  ended(end: CheckEnd): void;
}
