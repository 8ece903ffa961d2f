import { onTestFinished } from 'vitest';

import { connectNats } from '../../src/adapters/nats/index.js';
import type { NatsConnection } from '../../src/adapters/nats/index.js';
import { jetStreamOwnership } from '../../src/adapters/worker-ownership/jetstream/index.js';
import { systemClock } from '../../src/ports/clock.js';
import { nullLogger } from '../../src/ports/logger.js';
import { ownershipHost } from './ownership-host.js';
import type { OwnershipHost } from './ownership-host.js';
import { steeredNats } from './steered-nats.js';
import type { SteeredNats } from './steered-nats.js';

export interface JetStreamHost extends OwnershipHost {
  readonly steered: SteeredNats;
  cut(): void;
  join(): void;
}

/** Somebody at the server, who is gone with the test. */
export async function natsConnectionTo(servers: readonly string[]): Promise<NatsConnection> {
  const connection = await connectNats({ servers, name: 'test', clock: systemClock, logger: nullLogger });
  onTestFinished(() => connection.close());
  return connection;
}

/** A host that has not entered, over a connection of its own. Both are gone with the test. */
export async function jetStreamHost(
  address: string,
  { name = 'test', leaseMs = 1_500 }: { readonly name?: string; readonly leaseMs?: number } = {},
): Promise<JetStreamHost> {
  const steered = steeredNats(await natsConnectionTo([address]));
  const host = ownershipHost(jetStreamOwnership({ connection: steered.connection, name, leaseMs }));
  onTestFinished(() => host.ownership[Symbol.asyncDispose]());
  // A spread would read what changes.
  return Object.assign(Object.create(host) as OwnershipHost, { steered, cut: steered.cut, join: steered.join });
}
