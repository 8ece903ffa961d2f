import type * as nats from '@nats-io/transport-node';

import { NatsError } from './nats-error.js';

export type Nats = typeof nats;

export const natsName = '@nats-io/transport-node';
/** For who would use a NATS server without it. */
export const natsMissing = `a NATS server needs the package ${natsName}: npm install ${natsName}@~3.3.1`;

export type LoadNats = () => Promise<Nats>;

/** Loaded with the first connection: it is an optional peer. */
export async function loadNats(load: LoadNats = () => import('@nats-io/transport-node')): Promise<Nats> {
  try {
    return await load();
  } catch (cause) {
    throw new NatsError('package-missing', natsMissing, { cause });
  }
}
