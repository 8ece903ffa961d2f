import type * as nats from '@nats-io/transport-node';

import { NatsError } from './nats-error.js';
import type { LoadNats } from './package-name.js';
import { natsMissing } from './package-name.js';

export type Nats = typeof nats;

/** Loaded with the first connection: it is an optional peer. */
export async function loadNats(load: LoadNats = () => import('@nats-io/transport-node')): Promise<Nats> {
  try {
    return (await load()) as Nats;
  } catch (cause) {
    throw new NatsError('package-missing', natsMissing, { cause });
  }
}
