import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { ConfigError } from '../../composition/config/config-error.js';
import { problemLines } from '../../composition/config/problems.js';
import type { ExecutionBackendHarness } from '../../contracts/execution-backend/harness.js';
import type { Words } from '../../contracts/execution-backend/word-inputs.js';
import { wordInputs } from '../../contracts/execution-backend/word-inputs.js';
import { jsonSchema } from '../../protocol/json.js';

const word = z.string().min(1);
const words = z.strictObject({
  completes: word.optional(),
  streams: word.nullable().optional(),
  runsUntilCancelled: word.nullable().optional(),
  asks: word.nullable().optional(),
  withdraws: word.nullable().optional(),
  fails: word.nullable().optional(),
});
const profile = z.strictObject({ name: z.string().min(1), options: jsonSchema.optional() });

/** How a backend is provoked, as far as data can say it. Unknown keys are refused. */
const harnessSchema = z.strictObject({
  inputs: words.optional(),
  profile: profile.optional(),
  refusedProfile: profile.optional(),
  answer: z
    .union([z.strictObject({ text: z.string() }), z.strictObject({ optionId: z.string() })], {
      error: 'has to be {"text": "…"} or {"optionId": "…"}',
    })
    .optional(),
  canaries: z.array(z.string().min(1)).min(1).optional(),
  timing: z.number().positive().max(100).optional(),
});
export type HarnessFile = z.output<typeof harnessSchema>;

/** The content of a harness file, checked. Throws a `ConfigError` with a line for each thing that is wrong. */
export function parseHarnessFile(text: string, file: string): HarnessFile {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new ConfigError([`${file}: is no JSON: ${(cause as Error).message}`], { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError([`${file}: has to hold an object`]);
  }
  const parsed = harnessSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ConfigError(problemLines(parsed.error, harnessSchema, content).map((line) => `${file}: ${line}`));
}

/** Reads how a backend is provoked. Nothing is said where no file is named. */
export async function readHarnessFile(file: string | undefined): Promise<HarnessFile> {
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`--harness ${file}: there is no such file that can be read`], { cause });
  });
  return parseHarnessFile(text, file);
}

type ProfileData = z.output<typeof profile>;
const withOptions = ({ name, options = {} }: ProfileData): ExecutionBackendHarness['profile'] => ({ name, options });

/** All of a harness that a file says. */
export function harnessOf(data: HarnessFile): Omit<ExecutionBackendHarness, 'create'> {
  const { inputs = {}, profile: chosen, refusedProfile, answer, canaries, timing } = data;
  const named = Object.fromEntries(Object.entries(inputs).filter(([, text]) => text !== undefined)) as Partial<Words>;
  return {
    inputs: wordInputs(named),
    ...(chosen && { profile: withOptions(chosen) }),
    ...(refusedProfile && { refusedProfile: withOptions(refusedProfile) }),
    ...(answer && { answerTo: () => answer }),
    ...(canaries && { canaries }),
    ...(timing !== undefined && { timing }),
  };
}
