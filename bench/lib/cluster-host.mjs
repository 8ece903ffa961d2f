import * as workport from 'workport/composition';

import { benchHost } from './http-host.mjs';

/** Every host is asked with the same token, as the hosts of one operator are. */
const token = 'bench-'.repeat(8);

/** One of several hosts that share their Workers on a NATS server, with Workers of its own. */
export function clusterHost(server, workers) {
  const options = { servers: [server], name: 'bench' };
  return benchHost(workers, [workport.jetStreamLogModule(options), workport.jetStreamClusterModule(options)], token);
}
