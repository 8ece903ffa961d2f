import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConfigError } from '../../composition/config/config-error.js';
import { messageOf } from '../../contracts/message-of.js';
import { within } from '../../contracts/within.js';
import { limited } from './limited.js';

export interface Exported {
  /** The name of the export. */
  readonly name: string;
  readonly value: unknown;
}

type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

async function load(file: string, loadMs: number, signal: AbortSignal): Promise<Members> {
  const path = resolve(file);
  await access(path).catch((cause: unknown) => {
    throw new ConfigError([`there is no file ${file} that can be read`], { cause });
  });
  using limit = limited(signal, loadMs);
  try {
    return await within(limit.signal, 'the module to be loaded', import(pathToFileURL(path).href) as Promise<Members>);
  } catch (cause) {
    const advice = /\.[cm]?tsx?$/.test(file) ? '; where it is TypeScript, name what is built of it' : '';
    throw new ConfigError([`${file}: cannot be loaded: ${messageOf(cause)}${advice}`], { cause });
  }
}

const backendExport = '`backend` (a function that makes one)';
const expected = {
  judged: { names: ['harness', 'backend'], text: `neither ${backendExport} nor \`harness\`` },
  served: { names: ['backend'], text: `no ${backendExport}` },
} as const;

/** What of a module is meant: one of these names, or the default export. A CommonJS module has them in its default. */
export async function loadExported(
  file: string,
  loadMs: number,
  signal: AbortSignal,
  purpose: keyof typeof expected = 'judged',
): Promise<Exported> {
  const { names, text } = expected[purpose];
  const module = await load(file, loadMs, signal);
  const wrapped = isObject(module['default']) ? module['default'] : {};
  for (const members of [module, wrapped]) {
    const name = names.find((each) => members[each] !== undefined);
    if (name !== undefined) return { name, value: members[name] };
  }
  if (module['default'] !== undefined) return { name: 'default', value: module['default'] };
  const found = Object.keys(module).join(', ') || 'nothing';
  throw new ConfigError([`${file}: exports ${text}, by name or as default; it exports ${found}`]);
}

/** A harness is known by its `create`. */
export const isHarness = (value: unknown): value is Members & { readonly create: () => unknown } =>
  isObject(value) && typeof value['create'] === 'function';
