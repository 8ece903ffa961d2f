import type { Capability } from '../../contracts/contract-case.js';
import { wordInputs } from '../../contracts/execution-backend/word-inputs.js';
import type { Part } from '../../domain/observation/event.js';

const said = (parts: readonly Part[] = []): string =>
  parts.map((part) => (part.type === 'text' ? JSON.stringify(part.text) : '')).join();

const words = wordInputs();
const wordsByNeed: Readonly<Partial<Record<Capability, readonly [name: string, word: string]>>> = {
  streams: ['streams', said(words.streams?.(100))],
  'runs-until-cancelled': ['runsUntilCancelled', said(words.runsUntilCancelled?.())],
  asks: ['asks', said(words.asks?.())],
  withdraws: ['withdraws', said(words.withdraws?.())],
  fails: ['fails', said(words.fails?.())],
};

/** For a backend that was told by the default words what to do: those of a case that needs more than an end. */
export function wordHint(requires: readonly Capability[] = [], reason = ''): string | undefined {
  const told = requires.flatMap((capability) => wordsByNeed[capability] ?? []);
  const [name, word] = told;
  const elsewhere = 'where this backend does so at another text, name it in a file for --harness';
  if (name !== undefined)
    return `it was told ${word ?? ''} to do as this case needs; ${elsewhere}: {"inputs": {"${name}": …}}`;
  if (!/waited in vain|was not over/.test(reason)) return undefined;
  return `it was told ${said(words.completes())} to run and complete; ${elsewhere}: {"inputs": {"completes": …}}`;
}
