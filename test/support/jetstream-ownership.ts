import { onTestFinished } from 'vitest';

import { connectNats } from '../../src/adapters/nats/index.js';
import type { NatsConnection } from '../../src/adapters/nats/index.js';
import { jetStreamOwnership } from '../../src/adapters/worker-ownership/jetstream/index.js';
import { systemClock } from '../../src/ports/clock.js';
import { nullLogger } from '../../src/ports/logger.js';
import { natsServer } from './nats-server.js';
import type { NatsServer } from './nats-server.js';
import { ownershipHost } from './ownership-host.js';
import type { OwnershipHost } from './ownership-host.js';
import { steeredNats } from './steered-nats.js';
import type { SteeredNats } from './steered-nats.js';

export interface JetStreamHost extends OwnershipHost {
  readonly steered: SteeredNats;
  cut(): void;
  join(): void;
}

/** A server that is there until every host of the test has left. */
export async function serverOfTest(options?: Parameters<typeof natsServer>[0]): Promise<NatsServer> {
  const server = await natsServer(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** Somebody at the server, who is gone with the test. */
export async function natsConnectionTo(servers: readonly string[]): Promise<NatsConnection> {
  const connection = await connectNats({ servers, name: 'test', clock: systemClock, logger: nullLogger });
  onTestFinished(() => connection.close());
  return connection;
}

/** A host that has not entered, over a connection of its own. Both are gone with the test. */
export async function jetStreamHost(
  address: string | readonly string[],
  options: { readonly name?: string; readonly leaseMs?: number; readonly replicas?: 1 | 3 } = {},
): Promise<JetStreamHost> {
  const steered = steeredNats(await natsConnectionTo([address].flat()));
  const host = ownershipHost(
    jetStreamOwnership({ name: 'test', leaseMs: 1_500, ...options, connection: steered.connection }),
  );
  onTestFinished(() => host.ownership[Symbol.asyncDispose]());
  // A spread would read what changes.
  return Object.assign(Object.create(host) as OwnershipHost, { steered, cut: steered.cut, join: steered.join });
}

/** The keys that a bucket holds, in order. */
export async function keptIn(connection: NatsConnection, bucket: string): Promise<readonly string[]> {
  const request = JSON.stringify({ subjects_filter: '>' });
  const answer = await connection.request(`$JS.API.STREAM.INFO.KV_${bucket}`, request, { timeoutMs: 5_000 });
  const info = JSON.parse(new TextDecoder().decode(answer.data)) as {
    readonly state: { readonly subjects?: Readonly<Record<string, number>> };
  };
  return Object.keys(info.state.subjects ?? {})
    .map((subject) => subject.slice(`$KV.${bucket}.`.length))
    .sort();
}

/** Tells when each host's lease was renewed, by the clock of the test. */
export function beatsIn(connection: NatsConnection, name: string): ReadonlyMap<string, number[]> {
  const beats = new Map<string, number[]>();
  const prefix = `${name}.said-beats.`;
  connection.subscribe(`${prefix}*`, ({ subject }) => {
    const id = subject.slice(prefix.length);
    beats.set(id, [...(beats.get(id) ?? []), performance.now()]);
  });
  return beats;
}
