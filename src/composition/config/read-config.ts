import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConfigError } from './config-error.js';
import { problemLines } from './problems.js';
import type { ConfigFile } from './schema.js';
import { configSchema } from './schema.js';

const fileNames = ['workport.config.json', 'workport.config.js', 'workport.config.mjs'];

export interface FoundConfig {
  readonly config: ConfigFile;
  /** Relative paths in it are relative to this folder. */
  readonly folder: string;
  /** As it is named to people. */
  readonly file: string;
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function findFile(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of fileNames) if (await isThere(join(folder, name))) found.push(name);
  if (found.length > 1)
    throw new ConfigError([`there are ${found.join(' and ')}: keep one, or name one with --config`]);
  return found[0];
}

let reads = 0;
/** A module is loaded once by each of its addresses: with another one it is read again. What it imports itself is not. */
const again = (): string => (reads++ === 0 ? '' : `?read=${reads}`);

async function contentOf(path: string, file: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (!/\.m?js$/.test(path)) throw new ConfigError([`${file}: a configuration ends in .json, .js or .mjs`]);
    const module = (await import(`${pathToFileURL(path).href}${again()}`)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const fault = cause instanceof SyntaxError ? 'cannot be read as it is written' : 'cannot be read';
    throw new ConfigError([`${file}: ${fault}: ${messageOf(cause)}`], { cause });
  }
}

/** The content of a configuration, checked. Throws a `ConfigError` with a line for each thing that is wrong. */
export function parseConfig(content: unknown, file: string): ConfigFile {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError([`${file}: has to hold an object${file.endsWith('.json') ? '' : ', as its default export'}`]);
  }
  const parsed = configSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ConfigError(problemLines(parsed.error, configSchema, content).map((line) => `${file}: ${line}`));
}

/** Reads `named`, or what is in `folder` under one of the usual names. `undefined` where neither is there. */
export async function readConfig(folder: string, named?: string): Promise<FoundConfig | undefined> {
  const file = named ?? (await findFile(folder));
  if (file === undefined) return undefined;
  const path = resolve(folder, file);
  if (!(await isThere(path))) throw new ConfigError([`--config: there is no file ${file} that can be read`]);
  const content = await contentOf(path, basename(file));
  return { config: parseConfig(content, basename(file)), folder: dirname(path), file };
}
