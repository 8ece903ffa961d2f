import { readFile } from 'node:fs/promises';

import { ConfigError } from '../../composition/config/config-error.js';
import type { ContractCase } from '../../contracts/contract-case.js';
import { caseSuggestion } from './selection.js';

/** The ids of a list: one a line, `#` begins a comment. Refuses what is the id of no case. */
export function parseKnownFailures(text: string, file: string, cases: readonly ContractCase[]): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const problems = lines.flatMap((id, index) => {
    if (id === '' || cases.some((contractCase) => contractCase.id === id)) return [];
    return [`${file}:${index + 1}: ${JSON.stringify(id)} is the id of no case${caseSuggestion(id, cases)}`];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return lines.filter((id) => id !== '');
}

/** Reads the list of failures that are known. None where no file is named. */
export async function readKnownFailures(
  file: string | undefined,
  cases: readonly ContractCase[],
): Promise<readonly string[]> {
  if (file === undefined) return [];
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`--known-failures ${file}: there is no such file that can be read`], { cause });
  });
  return parseKnownFailures(text, file, cases);
}
