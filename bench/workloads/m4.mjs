import { remoteSocketBackend } from 'workport/backends/remote-socket';

import { overSocket, program, ready, talking, withSocketPath } from '../lib/ends.mjs';
import { observeFlood } from '../lib/floods.mjs';
import { streaming, streamingPeers } from '../lib/streaming.mjs';

/** A server streams events over a Unix socket into the log to one observer, beside a bare reader of the same events. */
export const m4 = {
  what: 'a server streams 1,000,000 events over a Unix socket into the log to one observer',
  peers: streamingPeers,
  run: (options) => streaming(onSocket, options),
};

const onSocket = {
  workload: 'a server streams over a Unix socket into the log to one observer',
  least: 0.9,
  ours: (events) => withSocketPath((path) => served(path, events)),
  over: (file, run) => withSocketPath((path) => talking(overSocket(path, file), run)),
};

const served = (path, events) =>
  talking(ready(program('flood-backend.mjs'), path), () =>
    observeFlood(remoteSocketBackend({ address: `unix:${path}` }), events),
  );
