import { resolve } from 'node:path';

import { optionsProblem } from '../../adapters/execution-backend/remote-socket/options.js';
import { parseAddress } from '../../adapters/execution-backend/socket/address.js';
import { ConfigError } from './config-error.js';
import { profileFlag } from './profile-flag.js';
import type { FoundConfig } from './read-config.js';
import type { BackendConfig, ProfileConfig } from './schema.js';

export type Profiles = Readonly<Record<string, ProfileConfig>>;

/** What a host offers that is told nothing. */
const usual: Profiles = {
  javascript: {
    label: 'JavaScript session',
    description: 'Runs code in Node.js, as 6 * 7. What it declares is there for the next input.',
    backend: { type: 'javascript' },
  },
};

type RemoteSocketConfig = Extract<BackendConfig, { readonly type: 'remote-socket' }>;

/** Its socket and files are beside the configuration. */
function locatedSocket(backend: RemoteSocketConfig, folder: string): RemoteSocketConfig {
  const { address, keyFile, ca } = backend;
  const parsed = parseAddress(address);
  const located = {
    ...backend,
    address: parsed.scheme === 'unix' ? `unix:${resolve(folder, parsed.path)}` : address,
    ...(keyFile !== undefined && { keyFile: resolve(folder, keyFile) }),
    ...(ca !== undefined && { ca: resolve(folder, ca) }),
  };
  // The path of a socket may have become too long.
  const problem = optionsProblem(located);
  if (problem) throw new ConfigError([`${problem.option}: ${problem.reason}`]);
  return located;
}

/** A command with a path in it is a file beside the configuration; a bare name is looked for as a shell does. */
function located(backend: BackendConfig, folder: string): BackendConfig {
  if (backend.type === 'remote-socket') return locatedSocket(backend, folder);
  const cwd = resolve(folder, backend.cwd ?? '.');
  if (backend.type === 'javascript') return { ...backend, cwd };
  const command = backend.command.includes('/') ? resolve(folder, backend.command) : backend.command;
  return { ...backend, cwd, command };
}

const locatedProfile = (profile: ProfileConfig, folder: string): ProfileConfig =>
  profile.backend ? { ...profile, backend: located(profile.backend, folder) } : profile;

/**
 * The profiles of the file and those of the flags; without either `javascript`. Paths are absolute: those of the file
 * are relative to it, those of a flag to `folder`.
 */
export function hostProfiles(found: FoundConfig | undefined, flags: readonly string[], folder: string): Profiles {
  if (!found && flags.length === 0) return usual;
  const profiles = new Map<string, ProfileConfig>();
  for (const [name, profile] of Object.entries(found?.config.profiles ?? {})) {
    profiles.set(name, locatedProfile(profile, found?.folder ?? folder));
  }
  for (const [name, profile] of flags.map(profileFlag)) {
    if (profiles.has(name)) throw new ConfigError([`--profile ${name}=…: there is a profile of that name already`]);
    profiles.set(name, locatedProfile(profile, folder));
  }
  if (profiles.size > 0) return Object.fromEntries(profiles);
  const example = '"profiles": {"javascript": {"label": "JavaScript", "backend": {"type": "javascript"}}}';
  throw new ConfigError([`${found?.file ?? ''}: names no profile; add one, as ${example}`]);
}
