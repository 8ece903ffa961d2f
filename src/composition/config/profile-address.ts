import type { RemoteSocketOptions } from '../../adapters/execution-backend/remote-socket/index.js';
import { optionsProblem } from '../../adapters/execution-backend/remote-socket/options.js';
import { suggestion } from './near-match.js';

/** What may follow the address, by the option that it gives. */
const named = {
  key: 'keyFile',
  keyId: 'keyId',
  ca: 'ca',
  fingerprint: 'fingerprint',
  allowPlaintext: 'allowPlaintext',
} as const satisfies Readonly<Record<string, keyof RemoteSocketOptions>>;

const isNamed = (name: string): name is keyof typeof named => Object.hasOwn(named, name);

type AddressOptions = { -readonly [Key in 'address' | (typeof named)[keyof typeof named]]?: RemoteSocketOptions[Key] };

export const isAddress = (spec: string): boolean => /^(unix|tcp|tls):/.test(spec);

/** Reads `ADDRESS[?key=FILE&ca=FILE…]`, values as they stand. Answers what is wrong with it, where something is. */
export function profileAddress(spec: string): RemoteSocketOptions | string {
  const [address = '', ...rest] = spec.split('?');
  const options: AddressOptions & { address: string } = { address };
  for (const pair of rest.join('?').split('&').filter(Boolean)) {
    const [name = '', ...words] = pair.split('=');
    const value = words.join('=');
    if (!isNamed(name)) return `"${name}" is not known${suggestion(name, Object.keys(named))}`;
    if (value === '') return `"${name}" has no value`;
    if (name !== 'allowPlaintext') options[named[name]] = value;
    else if (value === 'true') options.allowPlaintext = true;
    else return '"allowPlaintext" is true, or left out';
  }
  const problem = optionsProblem(options);
  return problem ? problem.reason : options;
}
