import type { ContractCase } from '../../contracts/contract-case.js';
import { messageOf } from '../../contracts/message-of.js';

export interface StrayErrors extends Disposable {
  /** The same cases, which fail where an error comes up that nobody catches. */
  watched(cases: readonly ContractCase[]): readonly ContractCase[];
}

const whereOf = (cause: unknown): string =>
  cause instanceof Error ? (/^ +at .*/m.exec(cause.stack ?? '')?.[0].trim() ?? '') : '';

/** A module under test runs in this process: what it throws into nowhere is a failure of the case, not the end of all. */
export function strayErrors(): StrayErrors {
  let stray: Error | undefined;
  let hear: (error: Error) => void = () => undefined;
  const onError = (cause: unknown): void => {
    stray = new Error(`an error came up that nobody caught: ${messageOf(cause)} ${whereOf(cause)}`.trim(), { cause });
    hear(stray);
  };
  process.on('uncaughtException', onError);

  async function run(contractCase: ContractCase, call: Parameters<ContractCase['run']>[0]): Promise<void> {
    const heard = new Promise<never>((_, reject) => (hear = reject));
    try {
      await Promise.race([contractCase.run(call), heard]);
      // What was thrown last is told a turn later.
      await new Promise((resolve) => setImmediate(resolve));
      if (stray) throw stray;
    } finally {
      stray = undefined;
      hear = () => undefined;
    }
  }
  return {
    watched: (cases) => cases.map((contractCase) => ({ ...contractCase, run: (call) => run(contractCase, call) })),
    [Symbol.dispose]: () => void process.off('uncaughtException', onError),
  };
}
