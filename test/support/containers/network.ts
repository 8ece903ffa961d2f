import { randomInt } from 'node:crypto';

import { engine, labels } from './engine.js';

/** A network of the tests' own, whose containers have addresses that stay. */
export interface TestNetwork extends AsyncDisposable {
  readonly name: string;
  /** An address of it that nobody has. */
  nextAddress(): string;
}

const attempts = 20;
const isTaken = (cause: unknown): boolean => /overlap/i.test(cause instanceof Error ? cause.message : '');

/** Of the addresses that are kept for tests of networks (RFC 2544): those of real ones are not among them. */
const subnet = (): string => `198.19.${randomInt(256)}`;

/** Makes a network whose addresses no other one has. */
export async function startNetwork(): Promise<TestNetwork> {
  const { network: client } = await engine();
  for (let attempt = 1; ; attempt += 1) {
    const prefix = subnet();
    const name = `workport-test-${process.pid}-${prefix}`;
    const Config = [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }];
    try {
      const network = await client.create({ Name: name, Labels: labels, IPAM: { Driver: 'default', Config } });
      let last = 9;
      return {
        name,
        nextAddress: () => `${prefix}.${(last += 1)}`,
        [Symbol.asyncDispose]: async () => void (await network.remove()),
      };
    } catch (cause) {
      if (attempt === attempts || !isTaken(cause)) throw cause;
    }
  }
}
