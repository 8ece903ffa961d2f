import { isName } from '../../domain/ids.js';
import { ConfigError } from './config-error.js';
import { isAddress, profileAddress } from './profile-address.js';
import type { ProfileConfig } from './schema.js';
import { splitCommand } from './split-command.js';

const example = 'for example --profile "python=python3 backend.py"';
const addressExample = 'for example --profile "far=tls:host:7500?key=FILE&ca=FILE"';

/** Reads `NAME=SPEC`: the address of a backend server, or a command, which is run without a shell. */
export function profileFlag(flag: string): readonly [name: string, profile: ProfileConfig] {
  const refuse = (reason: string, like = example): never => {
    throw new ConfigError([`--profile ${JSON.stringify(flag)}: ${reason}; ${like}`]);
  };
  const equals = flag.indexOf('=');
  const name = flag.slice(0, Math.max(0, equals));
  const spec = flag.slice(equals + 1);
  if (equals < 1) return refuse('has to be NAME=COMMAND or NAME=ADDRESS');
  if (!isName(name)) return refuse('the name has 1 … 64 letters, digits, "_", "." or "-"');
  if (spec.startsWith('acp:')) return refuse('this version has no adapter for agents (acp:)');
  if (isAddress(spec)) {
    const options = profileAddress(spec);
    if (typeof options === 'string') return refuse(options, addressExample);
    return [name, { label: name, backend: { type: 'remote-socket', ...options } }];
  }
  const words = splitCommand(spec);
  if (!words) return refuse('a quote is not closed');
  const [command, ...args] = words;
  if (!command) return refuse('there is no command');
  return [name, { label: name, backend: { type: 'subprocess', command, args } }];
}
