import { isName } from '../../domain/ids.js';
import { ConfigError } from './config-error.js';
import { isAddress, profileAddress } from './profile-address.js';
import type { ProfileConfig } from './schema.js';
import { splitCommand } from './split-command.js';

const example = 'for example --profile "python=python3 backend.py"';
const addressExample = 'for example --profile "far=tls:host:7500?key=FILE&ca=FILE"';

const agent = 'acp:';
const agentExample = 'for example --profile "gemini=acp:gemini --acp"';

/** Reads `NAME=SPEC`: the address of a backend server, an agent's command after `acp:`, or a command. None is run by a shell. */
export function profileFlag(flag: string): readonly [name: string, profile: ProfileConfig] {
  const refuse = (reason: string, like = example): never => {
    throw new ConfigError([`--profile ${JSON.stringify(flag)}: ${reason}; ${like}`]);
  };
  const equals = flag.indexOf('=');
  const name = flag.slice(0, Math.max(0, equals));
  const spec = flag.slice(equals + 1);
  if (equals < 1) return refuse('has to be NAME=COMMAND, NAME=acp:COMMAND or NAME=ADDRESS');
  if (!isName(name)) return refuse('the name has 1 … 64 letters, digits, "_", "." or "-"');
  if (isAddress(spec)) {
    const options = profileAddress(spec);
    if (typeof options === 'string') return refuse(options, addressExample);
    return [name, { label: name, backend: { type: 'remote-socket', ...options } }];
  }
  const isAgent = spec.startsWith(agent);
  const words = splitCommand(isAgent ? spec.slice(agent.length) : spec);
  if (!words) return refuse('a quote is not closed');
  const [command, ...args] = words;
  if (!command) return refuse('there is no command', isAgent ? agentExample : example);
  if (isAgent) return [name, { label: name, backend: { type: 'acp', command, args } }];
  return [name, { label: name, backend: { type: 'subprocess', command, args } }];
}
